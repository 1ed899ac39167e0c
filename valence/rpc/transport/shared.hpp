// What the server's connections share.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "valence/rpc/context.hpp"
#include "valence/rpc/server.hpp"

namespace valence::rpc {

struct Shared {
    const ServerConfig& config;
    Context& context;
    boost::asio::io_context& io;
    boost::asio::thread_pool& workers;
};

/// A stream whose operations run on a strand of their own.
using Stream = boost::beast::basic_stream<boost::asio::ip::tcp, boost::asio::any_io_executor>;

/// Who is at the other end, for bounds of one caller: an IPv4 address, or the first half of an IPv6 one,
/// since whoever has one has 2^64 of them. Empty when the connection is gone.
std::string caller_address(const boost::asio::ip::tcp::socket& socket);

/// Serves a connection until it ends; both answer when it is over and never throw.
boost::asio::awaitable<void> serve_http(Shared& shared, boost::asio::ip::tcp::socket socket);

}  // namespace valence::rpc
