// What the server's connections share.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "valence/rpc/context.hpp"
#include "valence/rpc/server.hpp"
#include "valence/rpc/transport/counted_bytes.hpp"
#include "valence/rpc/transport/patient_workers.hpp"

namespace valence::rpc {

struct Shared {
    const ServerConfig& config;
    Context& context;
    boost::asio::io_context& io;
    boost::asio::thread_pool& workers;
    PatientWorkers& patient_workers;
};

/// Bytes read from a connection at once.
inline constexpr std::size_t kMostReadAtOnce = 64 * 1024;

/// Counts what a connection's requests take now; false when all connections have more than they may and this
/// one has a part in it.
inline bool has_room(const Limits& limits, CountedBytes& counted, std::size_t bytes) {
    const auto all = counted.set(bytes > limits.request_bytes_free ? bytes - limits.request_bytes_free : 0);
    return counted.bytes() == 0 || all <= limits.all_request_bytes;
}

/// A stream whose operations run on a strand of their own.
using Stream = boost::beast::basic_stream<boost::asio::ip::tcp, boost::asio::any_io_executor>;

/// Who is at the other end, for bounds of one caller: an IPv4 address, or the first half of an IPv6 one,
/// since whoever has one has 2^64 of them. Empty when the connection is gone.
std::string caller_address(const boost::asio::ip::tcp::socket& socket);

/// Serves a connection until it ends; both answer when it is over and never throw.
boost::asio::awaitable<void> serve_http(Shared& shared, boost::asio::ip::tcp::socket socket);

}  // namespace valence::rpc
