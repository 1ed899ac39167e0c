#include "valence/net/listener.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace valence::net {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
/// Until it is tried again to take a connection.
constexpr std::chrono::milliseconds kPause{50};

}  // namespace

Result<void> Listener::listen(const ListenAddress& address, Take take) {
    boost::system::error_code error;
    const auto failed = [&] {
        return Error{std::error_code(error), address.host + ":" + std::to_string(address.port)};
    };
    const auto ip = asio::ip::make_address(address.host == "localhost" ? "127.0.0.1" : address.host, error);
    if (error) return Error{std::error_code(error), address.host + " is no IP address"};
    const tcp::endpoint endpoint(ip, address.port);
    acceptor_.open(endpoint.protocol(), error);
    if (error) return failed();
    acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    acceptor_.bind(endpoint, error);
    if (error) return failed();
    acceptor_.listen(address.backlog, error);
    if (error) return failed();
    port_ = acceptor_.local_endpoint().port();
    asio::co_spawn(io_, take_all(std::move(take)), asio::detached);
    return success();
}

void Listener::close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
}

asio::awaitable<void> Listener::take_all(Take take) {
    for (;;) {
        auto [error, socket] = co_await acceptor_.async_accept(asio::make_strand(io_), kNoThrow);
        if (error == asio::error::operation_aborted || !acceptor_.is_open()) co_return;
        if (error) {
            // Out of file descriptors, most likely: wait until some connection has ended.
            asio::steady_timer pause(io_, kPause);
            co_await pause.async_wait(kNoThrow);
            continue;
        }
        take(std::move(socket));
    }
}

}  // namespace valence::net
