#include "valence/da/rpc/subscriber.hpp"

#include <deque>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/websocket.hpp>

#include "valence/da/rpc/channels.hpp"

namespace valence::da {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

namespace {

constexpr auto kSilently = asio::as_tuple(asio::use_awaitable);
/// Messages that wait to be written, and their bytes, before nothing more is read or made: one may be a whole
/// square.
constexpr std::size_t kMostQueued = 16;
constexpr std::size_t kMostQueuedBytes = std::size_t{16} << 20;
/// How often a new block is looked for.
constexpr std::chrono::milliseconds kLookEvery{50};

/// A block as its channel carries it; nothing when it cannot be read.
std::optional<std::string> block_message(EmbeddedLayer& layer, const Channel& channel, std::uint64_t height) {
    if (!channel.name) {
        const auto header = layer.header(height);
        if (!header) return std::nullopt;
        return notification("xrpc.ch.val", {channel.id, to_json(header.value())});
    }
    const auto list = layer.blobs(height, *channel.name);
    if (!list) return std::nullopt;
    json::array blobs;
    for (const auto& blob : list.value())
        blobs.push_back(to_json(blob));
    json::value found(nullptr);
    if (!blobs.empty()) found = std::move(blobs);
    return notification("xrpc.ch.val",
                        {channel.id, json::object{{"Blobs", std::move(found)}, {"Height", height}}});
}

class Subscriber : public std::enable_shared_from_this<Subscriber> {
public:
    Subscriber(SubscriberContext context, LayerStream stream)
        : context_(context),
          stream_(std::move(stream)),
          written_(stream_.get_executor()),
          queued_(stream_.get_executor()) {
        written_.expires_at(asio::steady_timer::time_point::max());
        queued_.expires_at(asio::steady_timer::time_point::max());
    }

    asio::awaitable<void> run(LayerRequest upgrade) {
        beast::get_lowest_layer(stream_).expires_never();
        stream_.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
        stream_.read_message_max(context_.request_bytes);
        stream_.text(true);
        const auto [refused] = co_await stream_.async_accept(upgrade, kSilently);
        if (refused) co_return;
        const auto strand = stream_.get_executor();
        asio::co_spawn(strand, write_all(shared_from_this()), asio::detached);
        asio::co_spawn(strand, feed(shared_from_this()), asio::detached);
        beast::flat_buffer buffer;
        while (is_open()) {
            const auto [error, bytes] = co_await stream_.async_read(buffer, kSilently);
            if (error) break;
            auto message = beast::buffers_to_string(buffer.data());
            buffer.consume(buffer.size());
            // They are read where all connections are.
            if (const auto answer = channels_.take(message, context_.caller, context_.layer.height())) {
                if (!answer->empty()) enqueue(*answer);
                continue;
            }
            auto answer =
                co_await on_worker([&] { return answer_message(context_.layer, message, context_.caller); });
            if (!answer.empty()) enqueue(std::move(answer));
            co_await until_there_is_room();
        }
        is_closed_ = true;
        written_.cancel();
        queued_.cancel();
    }

private:
    bool is_open() const { return !is_closed_ && !context_.stopping; }

    template <typename Work>
    asio::awaitable<std::string> on_worker(Work work) {
        co_return co_await asio::co_spawn(
            context_.workers, [&]() -> asio::awaitable<std::string> { co_return work(); },
            asio::use_awaitable);
    }

    void enqueue(std::string message) {
        queued_bytes_ += message.size();
        queue_.push_back(std::move(message));
        queued_.cancel();
    }

    asio::awaitable<void> until_there_is_room() {
        while (is_open() && (queue_.size() >= kMostQueued || queued_bytes_ >= kMostQueuedBytes))
            co_await written_.async_wait(kSilently);
    }

    /// The one that writes. The parameter keeps all of this alive while it runs.
    asio::awaitable<void> write_all(std::shared_ptr<Subscriber> /*self*/) {
        while (is_open()) {
            if (queue_.empty()) {
                co_await queued_.async_wait(kSilently);
                continue;
            }
            const auto message = std::move(queue_.front());
            queue_.pop_front();
            queued_bytes_ -= message.size();
            const auto [error, bytes] = co_await stream_.async_write(asio::buffer(message), kSilently);
            if (error) is_closed_ = true;
            written_.cancel();
        }
    }

    /// Sends every channel the blocks that came.
    asio::awaitable<void> feed(std::shared_ptr<Subscriber> /*self*/) {
        asio::steady_timer pause(stream_.get_executor());
        while (is_open()) {
            pause.expires_after(kLookEvery);
            co_await pause.async_wait(kSilently);
            const auto newest = context_.layer.height();
            // By place: channels come and go while a message is made.
            for (std::size_t i = 0; i < channels_.list.size() && is_open(); ++i) {
                while (i < channels_.list.size() && channels_.list[i].height < newest && is_open()) {
                    const auto channel = channels_.list[i];
                    auto message = co_await on_worker([&] {
                        return block_message(context_.layer, channel, channel.height + 1).value_or("");
                    });
                    const auto still = std::ranges::find(channels_.list, channel.id, &Channel::id);
                    if (still == channels_.list.end()) break;
                    ++still->height;
                    if (!message.empty()) enqueue(std::move(message));
                    co_await until_there_is_room();
                }
            }
        }
    }

    const SubscriberContext context_;
    websocket::stream<LayerStream> stream_;
    /// Cancelled when a message was written, and when one is to be.
    asio::steady_timer written_;
    asio::steady_timer queued_;
    std::deque<std::string> queue_;
    std::size_t queued_bytes_ = 0;
    Channels channels_;
    bool is_closed_ = false;
};

}  // namespace

asio::awaitable<void> serve_subscriber(SubscriberContext context, LayerStream stream, LayerRequest upgrade) {
    const auto subscriber = std::make_shared<Subscriber>(context, std::move(stream));
    co_await subscriber->run(std::move(upgrade));
}

}  // namespace valence::da
