#include "valence/client/json_rpc_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include "valence/client/rpc_answer.hpp"

namespace valence::client {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace json = boost::json;
using asio::ip::tcp;

namespace {

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
/// Bytes of an answer; without room for them it would be read 512 at a time.
constexpr std::size_t kReadAtOnce = 64 * 1024;

}  // namespace

class JsonRpcClient::Impl {
public:
    Impl(Url url, ClientLimits limits, std::string token)
        : url_(std::move(url)), limits_(limits), token_(std::move(token)) {}

    const Url& url() const { return url_; }

    Result<json::value> call(std::string_view method, std::string_view parameters) {
        std::string body = fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"{}","params":{}}})", ++calls_,
                                       method, parameters);
        const bool reused = stream_ != nullptr;
        auto answer = exchange(body);
        // The node may have closed a connection that was idle.
        if (!answer && reused && answer.error().code == make_error_code(ClientError::unreachable))
            answer = exchange(body);
        if (!answer) return answer.error();
        return read_answer(answer.value());
    }

private:
    Result<std::string> exchange(const std::string& body) {
        Result<std::string> answer = Error{ClientError::unreachable};
        io_.restart();
        asio::co_spawn(
            io_, [&]() -> asio::awaitable<void> { answer = co_await ask(body); },
            [](const std::exception_ptr&) {});
        io_.run();
        if (!answer) stream_.reset();
        return answer;
    }

    Error failure(const boost::system::error_code& error) const {
        const bool late = error == beast::error::timeout;
        const bool large = error == http::error::body_limit;
        return Error{late    ? ClientError::timed_out
                     : large ? ClientError::bad_answer
                             : ClientError::unreachable,
                     url_.text() + ": " + (large ? "a longer answer than allowed" : error.message())};
    }

    asio::awaitable<Result<std::string>> ask(const std::string& body) {
        if (!stream_) {
            tcp::resolver resolver(io_);
            const auto [unknown, places] = co_await resolver.async_resolve(url_.host, url_.port, kNoThrow);
            if (unknown) co_return failure(unknown);
            stream_ = std::make_unique<beast::tcp_stream>(io_);
            stream_->expires_after(limits_.time);
            const auto [error, place] = co_await stream_->async_connect(places, kNoThrow);
            if (error) co_return failure(error);
            boost::system::error_code ignored;
            stream_->socket().set_option(tcp::no_delay(true), ignored);
        }
        http::request<http::string_body> request(http::verb::post, url_.target, 11);
        request.set(http::field::host, url_.authority());
        request.set(http::field::content_type, "application/json");
        request.set(http::field::user_agent, "valence");
        if (!token_.empty()) request.set(http::field::authorization, "Bearer " + token_);
        request.body() = body;
        request.prepare_payload();
        stream_->expires_after(limits_.time);
        const auto [unsent, sent] = co_await http::async_write(*stream_, request, kNoThrow);
        if (unsent) co_return failure(unsent);
        beast::flat_buffer buffer;
        buffer.reserve(kReadAtOnce);
        http::response_parser<http::string_body> parser;
        parser.body_limit(limits_.answer_bytes);
        const auto [unread, read] = co_await http::async_read(*stream_, buffer, parser, kNoThrow);
        if (unread) co_return failure(unread);
        auto response = parser.release();
        if (!response.keep_alive()) stream_.reset();
        if (response.result() != http::status::ok)
            co_return Error{
                ClientError::refused_by_http,
                fmt::format("{}: {} {}", url_.text(), response.result_int(), response.body().substr(0, 200))};
        co_return std::move(response.body());
    }

    const Url url_;
    const ClientLimits limits_;
    const std::string token_;
    asio::io_context io_{1};
    std::unique_ptr<beast::tcp_stream> stream_;
    std::uint64_t calls_ = 0;
};

JsonRpcClient::JsonRpcClient(Url url, ClientLimits limits, std::string token)
    : impl_(std::make_unique<Impl>(std::move(url), limits, std::move(token))) {}
JsonRpcClient::~JsonRpcClient() = default;
JsonRpcClient::JsonRpcClient(JsonRpcClient&&) noexcept = default;
JsonRpcClient& JsonRpcClient::operator=(JsonRpcClient&&) noexcept = default;

const Url& JsonRpcClient::url() const { return impl_->url(); }
Result<json::value> JsonRpcClient::call(std::string_view method, std::string_view parameters) {
    return impl_->call(method, parameters);
}

}  // namespace valence::client
