#include "valence/rpc/server.hpp"

#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <spdlog/spdlog.h>

#include "valence/net/listener.hpp"
#include "valence/rpc/transport/shared.hpp"

namespace valence::rpc {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

/// Clients that come all at once wait rather than be refused.
constexpr int kBacklog = 1024;

}  // namespace

class Server::Impl {
public:
    Impl(ServerConfig config, node::Node& node)
        : config_(std::move(config)),
          context_(node, config_.limits, config_.mode, config_.client_version),
          listener_(io_),
          patient_workers_(config_.patient_workers, std::max<std::size_t>(config_.patient_workers / 2, 1)),
          workers_(config_.workers),
          shared_{config_, context_, io_, workers_, patient_workers_} {
        context_.console = config_.console;
        context_.genesis_json = config_.genesis_json;
        context_.da = config_.da;
        context_.syncing = config_.syncing;
    }

    ~Impl() {
        context_.stopping = true;
        asio::post(io_, [this] { listener_.close(); });
        // Methods finish first: connections still take their answers.
        workers_.join();
        patient_workers_.join();
        context_.subscriptions.stop();
        io_.stop();
        for (auto& thread : threads_)
            thread.join();
    }

    Result<void> listen() {
        BOOST_OUTCOME_TRYV(listener_.listen({config_.host, config_.port, kBacklog},
                                            [this](tcp::socket socket) { take(std::move(socket)); }));
        for (std::size_t i = 0; i < std::max<std::size_t>(config_.io_threads, 1); ++i) {
            threads_.emplace_back([this] { io_.run(); });
        }
        return success();
    }

    std::uint16_t port() const { return listener_.port(); }
    Context& context() { return context_; }

private:
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
    asio::io_context io_;
    net::Listener listener_;
    // What came too late to be run keeps its connection, which ends in the io_context: these go first.
    PatientWorkers patient_workers_;
    asio::thread_pool workers_;
    Shared shared_;
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
