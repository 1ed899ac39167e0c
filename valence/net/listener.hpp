// Listener: takes TCP connections at an address, for whoever serves them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "valence/base/base.hpp"

namespace valence::net {

struct ListenAddress {
    /// An IP address, or "localhost", which is IPv4's.
    std::string host = "127.0.0.1";
    /// 0 picks a free one.
    std::uint16_t port = 0;
    /// Connections that the system keeps until they are taken.
    int backlog = 128;
};

class Listener {
public:
    /// Takes one connection, whose operations run on a strand of its own. On a thread of the io_context; not
    /// two at once.
    using Take = std::function<void(boost::asio::ip::tcp::socket)>;

    /// `io` outlives it.
    explicit Listener(boost::asio::io_context& io) : io_(io), acceptor_(io) {}

    /// Binds the address; connections are taken as soon as the io_context runs. Fails with the system's error
    /// and the address.
    Result<void> listen(const ListenAddress& address, Take take);
    /// The port it listens on.
    std::uint16_t port() const { return port_; }
    /// Takes no more. On a thread of the io_context, or when none runs it.
    void close();

private:
    boost::asio::awaitable<void> take_all(Take take);

    boost::asio::io_context& io_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_ = 0;
};

}  // namespace valence::net
