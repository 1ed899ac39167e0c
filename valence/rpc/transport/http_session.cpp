// One HTTP connection: requests are read, answered and written one after the other, so that pipelined ones
// are answered in order.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "valence/base/thread_priority.hpp"
#include "valence/node/da/da_access.hpp"
#include "valence/rpc/dispatcher.hpp"
#include "valence/rpc/peer.hpp"
#include "valence/rpc/transport/gate.hpp"
#include "valence/rpc/transport/shared.hpp"
#include "valence/rpc/transport/websocket_session.hpp"

namespace valence::rpc {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

using Parser = http::request_parser<http::string_body>;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

/// Of a body for which there is no room among those of all connections.
const boost::system::error_code kNoRoom = asio::error::no_buffer_space;

std::string_view header(const Request& request, http::field name) {
    const auto value = request[name];
    return {value.data(), value.size()};
}

Response respond(const Request& request, http::status status, std::string body,
                 std::string_view type = "text/plain; charset=utf-8") {
    Response response(status, request.version());
    response.set(http::field::content_type, beast::string_view(type.data(), type.size()));
    response.keep_alive(request.keep_alive());
    response.body() = std::move(body);
    return response;
}

/// What a browser asks before it lets a page call (Fetch standard, "CORS-preflight").
Response preflight(const Request& request) {
    auto response = respond(request, http::status::no_content, {});
    response.set(http::field::access_control_allow_methods, "GET, POST, OPTIONS");
    const auto wanted = request[http::field::access_control_request_headers];
    response.set(http::field::access_control_allow_headers, wanted.empty() ? "content-type" : wanted);
    response.set(http::field::access_control_max_age, "600");
    response.set(http::field::vary, "Origin");
    // Pages of public sites may call a node on the same machine or network only when it says so (Private
    // Network Access).
    response.set("Access-Control-Allow-Private-Network", "true");
    return response;
}

std::string health(Context& context) {
    std::string body;
    JsonWriter writer(body);
    writer.begin_object();
    writer.key("status").string("ok");
    writer.key("blockNumber").number(context.node.chain().head_number());
    writer.end_object();
    body += '\n';
    return body;
}

template <typename Gauge>
void add_da(const Gauge& gauge, const node::DaAccess& da) {
    const auto status = da.status();
    if (const auto* posting = std::get_if<node::PostStatus>(&status)) {
        gauge("da_layer_height", posting->height);
        gauge("da_posted_block", posting->posted);
        gauge("da_lag_blocks", posting->lag);
        gauge("da_posted_batches", posting->batches);
        gauge("da_posted_bytes", posting->bytes);
        gauge("da_posted_plain_bytes", posting->plain_bytes);
        gauge("da_trouble", posting->trouble ? 1 : 0);
    } else if (const auto* deriving = std::get_if<node::DeriverStatus>(&status)) {
        gauge("da_layer_height", deriving->height);
        gauge("da_derived_block", deriving->derived);
        gauge("da_trouble", deriving->waits_for ? 1 : 0);
    }
}

std::string metrics_page(Context& context) {
    std::string body;
    context.metrics.render(body);
    const auto pool = context.node.pool().counts();
    const auto gauge = [&](std::string_view name, std::uint64_t value) {
        body += "# TYPE valence_";
        body += name;
        body += " gauge\nvalence_";
        body += name;
        body += ' ' + std::to_string(value) + '\n';
    };
    gauge("head_block", context.node.chain().head_number());
    gauge("pool_pending", pool.pending);
    gauge("pool_queued", pool.queued);
    if (context.da) add_da(gauge, *context.da);
    gauge("rpc_filters", context.filters.size());
    gauge("rpc_subscriptions", context.subscriptions.size());
    return body;
}

Response answer_get(Context& context, const Request& request) {
    const auto target = request.target();
    const std::string_view path(target.data(), std::min(target.size(), target.find('?')));
    if (path == "/health") return respond(request, http::status::ok, health(context), "application/json");
    if (path == "/metrics") {
        return respond(request, http::status::ok, metrics_page(context),
                       "text/plain; version=0.0.4; charset=utf-8");
    }
    if (path == "/") return respond(request, http::status::ok, {});
    return respond(request, http::status::not_found, "not found\n");
}

/// Runs the methods on a worker and comes back to the connection's strand. `body` is left until then.
asio::awaitable<std::string> run_methods(Shared& shared, const std::shared_ptr<Peer>& peer,
                                         const std::string& body) {
    const Deadline deadline = message_deadline(shared.context);
    auto answer = co_await asio::co_spawn(
        shared.workers,
        [&]() -> asio::awaitable<std::optional<std::string>> {
            base::give_way_to_the_chain(base::Work::intake);
            std::string out;
            if (!dispatch_brief(shared.context, peer, body, out, deadline)) co_return std::nullopt;
            co_return out;
        },
        asio::use_awaitable);
    if (answer) co_return *std::move(answer);
    co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(std::string)>(
        [&](auto handler) {
            const auto done = std::make_shared<decltype(handler)>(std::move(handler));
            shared.patient_workers.post(
                peer->address, [&context = shared.context, peer, &body, done, deadline] {
                    base::give_way_to_the_chain(base::Work::intake);
                    std::string out;
                    // As when it came: meanwhile others' answers may have come to wait.
                    if (context.waiting_answer_bytes.load() > context.limits.waiting_answer_bytes)
                        turn_away(context, body, out);
                    else
                        dispatch(context, peer, body, out, deadline);
                    const auto strand = asio::get_associated_executor(*done);
                    asio::post(strand, [done, out = std::move(out)]() mutable {
                        auto resume = std::move(*done);
                        resume(std::move(out));
                    });
                });
        },
        asio::use_awaitable);
}

asio::awaitable<Response> answer(Shared& shared, const std::shared_ptr<Peer>& peer, const Request& request) {
    if (!host_allowed(shared.config.allowed_hosts, header(request, http::field::host))) {
        co_return respond(request, http::status::forbidden, "invalid host specified\n");
    }
    switch (request.method()) {
        case http::verb::options:
            co_return preflight(request);
        case http::verb::get:
            co_return answer_get(shared.context, request);
        case http::verb::post:
            break;
        default:
            co_return respond(request, http::status::method_not_allowed, "method not allowed\n");
    }
    if (!is_json_content(header(request, http::field::content_type))) {
        co_return respond(request, http::status::unsupported_media_type,
                          "invalid content type, only application/json is supported\n");
    }
    if (shared.context.waiting_answer_bytes.load() > shared.context.limits.waiting_answer_bytes) {
        co_return respond(request, http::status::service_unavailable,
                          "busy: too many answers wait for those who asked for them\n");
    }
    auto body = co_await run_methods(shared, peer, request.body());
    co_return respond(request, http::status::ok, std::move(body), "application/json");
}

void add_cors(const ServerConfig& config, const Request& request, Response& response) {
    const auto origin = allowed_origin(config.cors_origins, header(request, http::field::origin));
    if (origin.empty()) return;
    response.set(http::field::access_control_allow_origin, beast::string_view(origin.data(), origin.size()));
    if (origin != "*") response.set(http::field::vary, "Origin");
}

asio::awaitable<bool> write(Shared& shared, Stream& stream, Response response) {
    response.prepare_payload();
    const CountedBytes waiting(shared.context.waiting_answer_bytes, response.body().size());
    const auto keep_alive = response.keep_alive();
    stream.expires_after(shared.context.limits.transfer);
    const auto [error, bytes] = co_await http::async_write(stream, response, kNoThrow);
    shared.context.metrics.bytes_out.fetch_add(bytes, std::memory_order_relaxed);
    co_return !error && keep_alive;
}

/// Answers a request that could not be read, where HTTP has an answer for it. The connection ends in any
/// case.
asio::awaitable<void> refuse(Shared& shared, Stream& stream, const Request& request,
                             boost::system::error_code error) {
    auto status = http::status::bad_request;
    std::string text = "bad request\n";
    if (error == http::error::body_limit) {
        status = http::status::payload_too_large;
        text = "request entity too large: more than " + std::to_string(shared.context.limits.request_bytes) +
               " bytes\n";
    } else if (error == kNoRoom) {
        status = http::status::service_unavailable;
        text = "busy: too many bytes of requests are being received\n";
    } else if (error == http::error::header_limit) {
        status = http::status::request_header_fields_too_large;
        text = "request header too large\n";
    } else if (error.category() != http::make_error_code(http::error::bad_method).category() ||
               error == http::error::end_of_stream || error == http::error::partial_message) {
        co_return;
    }
    auto response = respond(request, status, std::move(text));
    response.keep_alive(false);
    add_cors(shared.config, request, response);
    co_await write(shared, stream, std::move(response));
    // Read what is still on its way, for a moment: closing with unread bytes would make the peer lose the
    // answer.
    boost::system::error_code ignored;
    stream.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    stream.expires_after(std::chrono::seconds(1));
    std::array<char, 16 * 1024> drain{};
    for (;;) {
        const auto [end, bytes] = co_await stream.async_read_some(asio::buffer(drain), kNoThrow);
        if (end || bytes == 0) break;
    }
}

/// Reads the rest of a request.
asio::awaitable<boost::system::error_code> read_body(Shared& shared, Stream& stream,
                                                     beast::flat_buffer& buffer, Parser& parser,
                                                     CountedBytes& counted) {
    // Without room for it, it would be read 512 bytes at a time.
    buffer.reserve(static_cast<std::size_t>(
        std::min<std::uint64_t>(parser.content_length().value_or(0), kMostReadAtOnce)));
    parser.eager(true);
    while (!parser.is_done()) {
        const auto [error, bytes] = co_await http::async_read_some(stream, buffer, parser, kNoThrow);
        if (error) co_return error;
        if (!has_room(shared.context.limits, counted, parser.get().body().size())) co_return kNoRoom;
    }
    co_return boost::system::error_code{};
}

/// Tells a client that waits for it ("Expect: 100-continue") to go on with the body.
asio::awaitable<bool> send_continue(Stream& stream) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto [error, bytes] = co_await asio::async_write(stream, asio::buffer(kContinue), kNoThrow);
    static_cast<void>(bytes);
    co_return !error;
}

}  // namespace

std::string caller_address(const asio::ip::tcp::socket& socket) {
    boost::system::error_code gone;
    const auto address = socket.remote_endpoint(gone).address();
    if (gone) return {};
    if (!address.is_v6()) return address.to_string();
    if (address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    auto bytes = address.to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
    return asio::ip::make_address_v6(bytes).to_string();
}

asio::awaitable<void> serve_http(Shared& shared, asio::ip::tcp::socket socket) {
    boost::system::error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    Stream stream(std::move(socket));
    const auto& limits = shared.context.limits;
    const auto peer = std::make_shared<Peer>(limits.requests_per_second, caller_address(stream.socket()));
    beast::flat_buffer buffer;
    for (;;) {
        Parser parser;
        parser.body_limit(limits.request_bytes);
        parser.header_limit(16 * 1024);
        stream.expires_after(limits.idle);
        auto [error, bytes] = co_await http::async_read_header(stream, buffer, parser, kNoThrow);
        if (error) {
            co_await refuse(shared, stream, parser.get(), error);
            break;
        }
        if (beast::websocket::is_upgrade(parser.get())) {
            co_return co_await serve_websocket(shared, std::move(stream), parser.release());
        }
        stream.expires_after(limits.transfer);
        if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
            const bool sent = co_await send_continue(stream);
            if (!sent) break;
        }
        CountedBytes counted(shared.context.request_bytes);
        error = co_await read_body(shared, stream, buffer, parser, counted);
        if (error) {
            co_await refuse(shared, stream, parser.get(), error);
            break;
        }
        auto request = parser.release();
        shared.context.metrics.bytes_in.fetch_add(request.body().size(), std::memory_order_relaxed);
        // Methods may take their time: the transport's clock stands still for them.
        stream.expires_never();
        auto response = co_await answer(shared, peer, request);
        add_cors(shared.config, request, response);
        // An assignment would keep its memory.
        std::string().swap(request.body());
        counted.set(0);
        const bool go_on = co_await write(shared, stream, std::move(response));
        // A server that stops takes no further request of a connection.
        if (!go_on || shared.context.stopping) break;
    }
    stream.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

}  // namespace valence::rpc
