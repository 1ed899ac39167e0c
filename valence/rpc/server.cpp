#include "valence/rpc/server.hpp"

#include <thread>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/spdlog.h>

#include "valence/rpc/transport/shared.hpp"

namespace valence::rpc {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

class Server::Impl {
public:
    Impl(ServerConfig config, node::Node& node)
        : config_(std::move(config)),
          context_(node, config_.limits, config_.mode, config_.client_version),
          workers_(config_.workers),
          acceptor_(io_),
          shared_{config_, context_, io_, workers_} {
        context_.console = config_.console;
        context_.genesis_json = config_.genesis_json;
        context_.da = config_.da;
    }

    ~Impl() {
        context_.stopping = true;
        asio::post(io_, [this] { acceptor_.close(ignored_); });
        // Methods finish first: connections still take their answers.
        workers_.join();
        context_.subscriptions.stop();
        io_.stop();
        for (auto& thread : threads_)
            thread.join();
    }

    Result<void> listen() {
        boost::system::error_code error;
        const auto failed = [&] {
            return Error{std::error_code(error), config_.host + ":" + std::to_string(config_.port)};
        };
        const auto address =
            asio::ip::make_address(config_.host == "localhost" ? "127.0.0.1" : config_.host, error);
        if (error) return Error{std::error_code(error), config_.host + " is no IP address"};
        const tcp::endpoint endpoint(address, config_.port);
        acceptor_.open(endpoint.protocol(), error);
        if (error) return failed();
        acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
        acceptor_.bind(endpoint, error);
        if (error) return failed();
        acceptor_.listen(1024, error);
        if (error) return failed();
        port_ = acceptor_.local_endpoint().port();
        asio::co_spawn(io_, accept_all(), asio::detached);
        for (std::size_t i = 0; i < std::max<std::size_t>(config_.io_threads, 1); ++i) {
            threads_.emplace_back([this] { io_.run(); });
        }
        return success();
    }

    std::uint16_t port() const { return port_; }
    Context& context() { return context_; }

private:
    asio::awaitable<void> accept_all() {
        for (;;) {
            // Each connection on a strand of its own: its coroutine, timers and writes never run at the same
            // time.
            auto [error, socket] =
                co_await acceptor_.async_accept(asio::make_strand(io_), asio::as_tuple(asio::use_awaitable));
            if (error == asio::error::operation_aborted || !acceptor_.is_open()) co_return;
            if (error) {
                // Out of file descriptors, most likely: wait until some connection has ended.
                asio::steady_timer pause(io_, std::chrono::milliseconds(50));
                co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
                continue;
            }
            take(std::move(socket));
        }
    }

    void take(tcp::socket socket) {
        auto& metrics = context_.metrics;
        if (metrics.open_connections.load() >= config_.limits.connections) {
            metrics.refused_connections.fetch_add(1);
            return;
        }
        metrics.connections.fetch_add(1);
        metrics.open_connections.fetch_add(1);
        const auto strand = socket.get_executor();
        asio::co_spawn(strand, serve_http(shared_, std::move(socket)),
                       [&metrics](const std::exception_ptr& failure) {
                           metrics.open_connections.fetch_sub(1);
                           if (!failure) return;
                           try {
                               std::rethrow_exception(failure);
                           } catch (const std::exception& e) {
                               spdlog::warn("rpc: a connection ended: {}", e.what());
                           } catch (...) {
                               spdlog::warn("rpc: a connection ended");
                           }
                       });
    }

    const ServerConfig config_;
    Context context_;
    boost::system::error_code ignored_;
    // Connections hold on to the workers and the context, and die with the io_context: it goes first.
    asio::thread_pool workers_;
    asio::io_context io_;
    tcp::acceptor acceptor_;
    Shared shared_;
    std::uint16_t port_ = 0;
    std::vector<std::thread> threads_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;
std::uint16_t Server::port() const { return impl_->port(); }
Context& Server::context() { return impl_->context(); }

Result<std::unique_ptr<Server>> Server::start(ServerConfig config, node::Node& node) {
    auto impl = std::make_unique<Impl>(std::move(config), node);
    BOOST_OUTCOME_TRY(impl->listen());
    return std::unique_ptr<Server>(new Server(std::move(impl)));
}

}  // namespace valence::rpc
