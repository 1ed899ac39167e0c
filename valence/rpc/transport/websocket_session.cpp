#include "valence/rpc/transport/websocket_session.hpp"

#include <deque>
#include <optional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include "valence/base/thread_priority.hpp"
#include "valence/rpc/dispatcher.hpp"
#include "valence/rpc/peer.hpp"
#include "valence/rpc/transport/gate.hpp"

namespace valence::rpc {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

namespace {

constexpr auto kNoThrowing = asio::as_tuple(asio::use_awaitable);
using Message = std::shared_ptr<const std::string>;

/// Bytes that may wait for a peer who takes them. Where too much waits for all peers together, those for whom
/// more waits than this have to go.
constexpr std::size_t kMuch = std::size_t{1} << 20;

/// The connection's stream lives on its strand; `notify` may be called from anywhere.
class WebSocketSession : public Peer, public std::enable_shared_from_this<WebSocketSession> {
public:
    WebSocketSession(Shared& shared, Stream stream)
        : Peer(shared.context.limits.requests_per_second, caller_address(stream.socket())),
          shared_(shared),
          all_queued_bytes_(shared.context.waiting_answer_bytes),
          stream_(std::move(stream)),
          strand_(stream_.get_executor()),
          room_(strand_),
          write_clock_(strand_),
          read_clock_(strand_),
          request_bytes_(shared.context.request_bytes) {}
    ~WebSocketSession() override { all_queued_bytes_.fetch_sub(queued_bytes_.load()); }
    WebSocketSession(const WebSocketSession&) = delete;
    WebSocketSession& operator=(const WebSocketSession&) = delete;

    bool can_notify() const override { return true; }

    void notify(const Message& message) override {
        // Counted before it is queued, so that the bound holds however slow the strand is.
        const auto before = count_waiting(message->size());
        const bool is_slow = before + message->size() > shared_.context.limits.websocket_queue_bytes;
        if (is_slow || (before > kMuch && too_much_waits())) {
            cut_off();
            count_sent(message->size());
            return;
        }
        asio::post(strand_, [self = shared_from_this(), message] { self->enqueue(message); });
    }

    bool is_connected() const override { return !overflowed_.load() && !gone_.load(); }

    void cut_off() override {
        if (overflowed_.exchange(true)) return;
        shared_.context.metrics.slow_consumers.fetch_add(1);
        asio::post(strand_, [self = shared_from_this()] { self->disconnect(); });
    }

    asio::awaitable<void> run(const beast::http::request<beast::http::string_body>& upgrade) {
        beast::get_lowest_layer(stream_).expires_never();
        // A ping after half the idle time of silence; closed when nothing comes back.
        websocket::stream_base::timeout timeouts{};
        timeouts.handshake_timeout = shared_.context.limits.transfer;
        timeouts.idle_timeout = std::chrono::seconds(60);
        timeouts.keep_alive_pings = true;
        stream_.set_option(timeouts);
        stream_.read_message_max(shared_.context.limits.websocket_message_bytes);
        stream_.text(true);
        stream_.auto_fragment(false);
        const auto [refused] = co_await stream_.async_accept(upgrade, kNoThrowing);
        if (refused) co_return;

        co_await read_requests();
        closed_ = true;
        gone_ = true;
        read_clock_.cancel();
        // It counts as a connection until what it asked for has ended: or whoever asks for much and goes,
        // again and again, could have any number of requests wait, each with a socket.
        while (in_flight_ > 0) {
            room_.expires_at(asio::steady_timer::time_point::max());
            co_await room_.async_wait(kNoThrowing);
        }
    }

private:
    asio::awaitable<void> read_requests() {
        for (;;) {
            while (is_busy()) {
                room_.expires_at(asio::steady_timer::time_point::max());
                co_await room_.async_wait(kNoThrowing);
                if (closed_) co_return;
            }
            std::string message;
            const bool is_whole = co_await receive(message);
            if (!is_whole || shared_.context.stopping) co_return;
            shared_.context.metrics.bytes_in.fetch_add(message.size(), std::memory_order_relaxed);
            start(std::move(message));
        }
    }

    /// Whether no further request is read for now: enough run, or the peer does not take its answers. One
    /// that never does is cut off by the stream's own clock, which goes on while nothing is read.
    bool is_busy() const {
        const auto& limits = shared_.context.limits;
        return in_flight_ >= limits.websocket_in_flight || running_bytes_ > limits.websocket_message_bytes ||
               queued_bytes_.load() > limits.websocket_queue_bytes;
    }

    /// Reads a message; false when the connection has ended, or ends since there is no room for more.
    asio::awaitable<bool> receive(std::string& message) {
        auto into = asio::dynamic_buffer(message);
        do {
            const auto [error, bytes] = co_await stream_.async_read_some(into, kMostReadAtOnce, kNoThrowing);
            if (error) co_return false;
            if (!has_room(shared_.context.limits, request_bytes_, running_bytes_ + message.size())) {
                std::string().swap(message);
                has_room(shared_.context.limits, request_bytes_, running_bytes_);
                co_await turn_out();
                co_return false;
            }
            if (message.size() == bytes && !stream_.is_message_done()) await_the_rest();
        } while (!stream_.is_message_done());
        ++received_;
        read_clock_.cancel();
        co_return true;
    }

    /// Of a message that has begun: it has as long to come as one over HTTP.
    void await_the_rest() {
        read_clock_.expires_after(shared_.context.limits.transfer);
        read_clock_.async_wait(
            [self = shared_from_this(), turn = received_](boost::system::error_code stopped) {
                if (!stopped && turn == self->received_) self->disconnect();
            });
    }

    asio::awaitable<void> turn_out() {
        closed_ = true;
        co_await stream_.async_close(
            {websocket::close_code::try_again_later, "busy: too many bytes of requests are being received"},
            kNoThrowing);
    }

    /// Runs a message's methods on a worker, beside those already running.
    void start(std::string message) {
        ++in_flight_;
        running_bytes_ += message.size();
        asio::post(shared_.workers, [self = shared_from_this(), message = std::move(message),
                                     deadline = message_deadline(shared_.context)]() mutable {
            base::give_way_to_the_chain(base::Work::intake);
            auto out = std::make_shared<std::string>();
            auto opened = self->handle(dispatch_brief, message, *out, deadline);
            if (opened) {
                self->answered(message.size(), out, std::move(*opened));
            } else {
                self->wait_for_turn(std::move(message), deadline);
            }
        });
    }

    /// Any thread: runs the methods of a message that may take long.
    void wait_for_turn(std::string message, const Deadline& deadline) {
        shared_.patient_workers.post(address,
                                     [self = shared_from_this(), message = std::move(message), deadline] {
                                         base::give_way_to_the_chain(base::Work::intake);
                                         auto out = std::make_shared<std::string>();
                                         auto opened = self->handle(dispatch, message, *out, deadline);
                                         self->answered(message.size(), out, std::move(*opened));
                                     });
    }

    /// Any thread: what `how` does with a message, unless nobody is left to answer or too much waits to be
    /// sent.
    template <typename How>
    std::optional<OpenedSubscriptions> handle(How how, const std::string& message, std::string& out,
                                              const Deadline& deadline) {
        if (!is_connected()) return OpenedSubscriptions{};
        if (!too_much_waits()) return how(shared_.context, shared_from_this(), message, out, deadline);
        if (queued_bytes_.load() > kMuch)
            cut_off();
        else
            turn_away(shared_.context, message, out);
        return OpenedSubscriptions{};
    }

    /// Any thread.
    void answered(std::size_t request_bytes, std::shared_ptr<std::string> out, OpenedSubscriptions opened) {
        count_waiting(out->size());
        asio::post(strand_, [self = shared_from_this(), out = std::move(out), request_bytes,
                             opened = std::move(opened)] {
            self->running_bytes_ -= request_bytes;
            has_room(self->shared_.context.limits, self->request_bytes_, self->running_bytes_);
            self->finished(out);
            self->shared_.context.subscriptions.activate(opened);
        });
    }

    void finished(const Message& answer) {
        --in_flight_;
        room_.cancel();
        if (!answer->empty()) enqueue(answer);
    }

    void enqueue(Message message) {
        if (closed_) return count_sent(message->size());
        queue_.push_back(std::move(message));
        if (queue_.size() == 1) write_next();
    }

    void write_next() {
        write_clock_.expires_after(shared_.context.limits.transfer);
        write_clock_.async_wait([self = shared_from_this(), turn = turn_](boost::system::error_code stopped) {
            if (!stopped && turn == self->turn_) self->cut_off();
        });
        stream_.async_write(asio::buffer(*queue_.front()),
                            [self = shared_from_this()](boost::system::error_code error, std::size_t bytes) {
                                self->written(error, bytes);
                            });
    }

    void written(boost::system::error_code error, std::size_t bytes) {
        shared_.context.metrics.bytes_out.fetch_add(bytes, std::memory_order_relaxed);
        ++turn_;
        write_clock_.cancel();
        count_sent(queue_.front()->size());
        queue_.pop_front();
        room_.cancel();
        if (error) return disconnect();
        if (!queue_.empty() && !closed_) write_next();
    }

    /// Any thread: answers the bytes that waited before.
    std::size_t count_waiting(std::size_t bytes) {
        all_queued_bytes_.fetch_add(bytes);
        return queued_bytes_.fetch_add(bytes);
    }
    void count_sent(std::size_t bytes) {
        queued_bytes_.fetch_sub(bytes);
        all_queued_bytes_.fetch_sub(bytes);
    }
    bool too_much_waits() const {
        return all_queued_bytes_.load() > shared_.context.limits.waiting_answer_bytes;
    }

    void disconnect() {
        closed_ = true;
        gone_ = true;
        room_.cancel();
        write_clock_.cancel();
        read_clock_.cancel();
        boost::system::error_code ignored;
        beast::get_lowest_layer(stream_).socket().close(ignored);
    }

    Shared& shared_;
    /// Of all connections.
    std::atomic<std::size_t>& all_queued_bytes_;
    websocket::stream<Stream> stream_;
    asio::any_io_executor strand_;
    /// Wakes the reader when a running request ended.
    asio::steady_timer room_;
    /// Runs while something is written.
    asio::steady_timer write_clock_;
    /// Runs while a message is on its way.
    asio::steady_timer read_clock_;
    /// Messages written and received so far.
    std::uint64_t turn_ = 0;
    std::uint64_t received_ = 0;
    /// Of the requests that are being received or run.
    CountedBytes request_bytes_;
    std::deque<Message> queue_;
    std::atomic<std::size_t> queued_bytes_{0};
    std::atomic<bool> overflowed_{false};
    /// As closed_, for any thread.
    std::atomic<bool> gone_{false};
    std::size_t in_flight_ = 0;
    /// Bytes of the requests that run.
    std::size_t running_bytes_ = 0;
    bool closed_ = false;
};

/// Answers an upgrade that is not allowed.
asio::awaitable<void> forbid(Stream& stream, std::string text) {
    beast::http::response<beast::http::string_body> response(beast::http::status::forbidden, 11);
    response.body() = std::move(text);
    response.keep_alive(false);
    response.prepare_payload();
    co_await beast::http::async_write(stream, response, kNoThrowing);
}

}  // namespace

asio::awaitable<void> serve_websocket(Shared& shared, Stream stream,
                                      beast::http::request<beast::http::string_body> upgrade) {
    const auto field = [&](beast::http::field name) {
        const auto value = upgrade[name];
        return std::string_view(value.data(), value.size());
    };
    if (!host_allowed(shared.config.allowed_hosts, field(beast::http::field::host))) {
        co_return co_await forbid(stream, "invalid host specified\n");
    }
    const auto origin = field(beast::http::field::origin);
    if (!origin.empty() && allowed_origin(shared.config.cors_origins, origin).empty()) {
        co_return co_await forbid(stream, "origin not allowed\n");
    }
    const auto session = std::make_shared<WebSocketSession>(shared, std::move(stream));
    co_await session->run(upgrade);
    shared.context.subscriptions.drop(*session);
}

}  // namespace valence::rpc
