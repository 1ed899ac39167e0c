#include "valence/da/rpc/server.hpp"

#include <thread>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "valence/da/rpc/admission.hpp"
#include "valence/da/rpc/subscriber.hpp"
#include "valence/net/listener.hpp"

namespace valence::da {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

namespace {

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
using Response = http::response<http::string_body>;
using Stream = LayerStream;

/// Bytes of a body to make room for: without, it would be read 512 at a time.
constexpr std::size_t kMostReadAtOnce = std::size_t{64} << 10;
constexpr std::chrono::seconds kIdle{120};
constexpr std::chrono::seconds kTransfer{60};
/// Of a request from somebody who shows no token: nothing but an error comes of it.
constexpr std::size_t kUntrustedBytes = std::size_t{64} << 10;

}  // namespace

class LayerServer::Impl {
public:
    Impl(LayerServerConfig config, EmbeddedLayer& layer)
        : config_(std::move(config)), layer_(layer), listener_(io_), workers_(config_.workers) {}

    ~Impl() {
        stopping_ = true;
        asio::post(io_, [this] { listener_.close(); });
        layer_.release_waiting();
        workers_.join();
        io_.stop();
        if (thread_.joinable()) thread_.join();
    }

    Result<void> listen() {
        BOOST_OUTCOME_TRYV(listener_.listen({config_.host, config_.port},
                                            [this](tcp::socket socket) { take(std::move(socket)); }));
        thread_ = std::thread([this] { io_.run(); });
        return success();
    }

    std::uint16_t port() const { return listener_.port(); }

private:
    void take(tcp::socket socket) {
        if (open_ >= config_.connections) return;
        ++open_;
        const auto strand = socket.get_executor();
        asio::co_spawn(strand, serve(std::move(socket)), [this](const std::exception_ptr&) { --open_; });
    }

    std::size_t most_bytes(const Admission& admitted) const {
        const auto* caller = std::get_if<Caller>(&admitted);
        return caller != nullptr && *caller == Caller::trusted ? config_.request_bytes : kUntrustedBytes;
    }

    asio::awaitable<std::string> answer(const std::string& message, Caller caller) {
        co_return co_await asio::co_spawn(
            workers_,
            [&]() -> asio::awaitable<std::string> { co_return answer_message(layer_, message, caller); },
            asio::use_awaitable);
    }

    asio::awaitable<void> serve(tcp::socket socket) {
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        Stream stream(std::move(socket));
        beast::flat_buffer buffer;
        while (!stopping_) {
            http::request_parser<http::string_body> parser;
            parser.body_limit(config_.request_bytes);
            stream.expires_after(kIdle);
            auto [error, bytes] = co_await http::async_read_header(stream, buffer, parser, kNoThrow);
            auto admitted = Admission{http::status::payload_too_large};
            if (!error) {
                admitted = admit(parser.get(), config_.token);
                const auto most = most_bytes(admitted);
                parser.body_limit(most);
                stream.expires_after(kTransfer);
                if (parser.content_length().value_or(0) > most) {
                    error = http::error::body_limit;
                } else {
                    buffer.reserve(static_cast<std::size_t>(
                        std::min<std::uint64_t>(parser.content_length().value_or(0), kMostReadAtOnce)));
                    std::tie(error, bytes) = co_await http::async_read(stream, buffer, parser, kNoThrow);
                }
            }
            const bool is_too_long = error == http::error::body_limit;
            if (error && !is_too_long) break;
            if (is_too_long) admitted = http::status::payload_too_large;
            stream.expires_never();
            const auto* caller = std::get_if<Caller>(&admitted);
            if (caller != nullptr && beast::websocket::is_upgrade(parser.get())) {
                const SubscriberContext context{layer_, workers_, stopping_, most_bytes(admitted), *caller};
                co_await serve_subscriber(context, std::move(stream), parser.release());
                co_return;
            }
            Response response(http::status::ok, parser.get().version());
            response.set(http::field::content_type, "application/json");
            response.keep_alive(parser.get().keep_alive() && !is_too_long);
            if (caller != nullptr) {
                response.body() = co_await answer(parser.get().body(), *caller);
            } else {
                response.result(std::get<http::status>(admitted));
            }
            response.prepare_payload();
            stream.expires_after(kTransfer);
            const auto keep_alive = response.keep_alive();
            std::tie(error, bytes) = co_await http::async_write(stream, response, kNoThrow);
            if (error || !keep_alive) break;
        }
        stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    }

    const LayerServerConfig config_;
    EmbeddedLayer& layer_;
    std::atomic<bool> stopping_ = false;
    std::atomic<std::size_t> open_ = 0;
    asio::io_context io_{1};
    net::Listener listener_;
    // What came too late to be run keeps its connection, which ends in the io_context: this goes first.
    asio::thread_pool workers_;
    std::thread thread_;
};

LayerServer::LayerServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LayerServer::~LayerServer() = default;
std::uint16_t LayerServer::port() const { return impl_->port(); }

Result<std::unique_ptr<LayerServer>> LayerServer::start(LayerServerConfig config, EmbeddedLayer& layer) {
    auto impl = std::make_unique<Impl>(std::move(config), layer);
    BOOST_OUTCOME_TRYV(impl->listen());
    return std::unique_ptr<LayerServer>(new LayerServer(std::move(impl)));
}

}  // namespace valence::da
