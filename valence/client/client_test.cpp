#include "valence/client/client.hpp"

#include <thread>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace valence::client {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

TEST(Url, ReadsWhatPeopleWrite) {
    const auto text = [](std::string_view url) { return parse_url(url).value().text(); };
    EXPECT_EQ(text("http://127.0.0.1:8545"), "http://127.0.0.1:8545/");
    EXPECT_EQ(text("localhost:8545"), "http://localhost:8545/");
    EXPECT_EQ(text("http://node.example/rpc/v1"), "http://node.example:80/rpc/v1");
    EXPECT_EQ(text("http://[::1]:8545"), "http://[::1]:8545/");
    EXPECT_EQ(parse_url("http://[::1]:8545").value().host, "::1");
}

TEST(Url, RefusesWhatItDoesNotSpeak) {
    for (const auto* url : {"", "http://", "https://node.example", "ws://node.example", "http://a:0",
                            "http://a:70000", "http://a:x", "http://a b", "http://[::1", "http://[::1]x",
                            "http://user@host", ":8545", "http://host\r\nX: y"})
        EXPECT_FALSE(parse_url(url)) << url;
}

/// Sends one canned answer for each request, on as many connections as there are lists of answers.
class CannedServer {
public:
    explicit CannedServer(std::vector<std::vector<std::string>> connections)
        : thread_([this, connections = std::move(connections)] {
              for (const auto& answers : connections) {
                  tcp::socket socket(io_);
                  boost::system::error_code failed;
                  acceptor_.accept(socket, failed);
                  for (const auto& answer : answers) {
                      asio::streambuf request;
                      asio::read_until(socket, request, "}", failed);
                      if (failed) break;
                      asio::write(socket, asio::buffer(answer), failed);
                  }
              }
          }) {}

    Url url() const { return {"127.0.0.1", std::to_string(acceptor_.local_endpoint().port()), "/"}; }

private:
    asio::io_context io_;
    tcp::acceptor acceptor_{io_, {asio::ip::make_address("127.0.0.1"), 0}};
    std::jthread thread_;
};

std::string http(std::string_view body, std::string_view status = "200 OK") {
    return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + std::string(body);
}

constexpr std::string_view kSeven = R"({"jsonrpc":"2.0","id":1,"result":7})";

std::error_code code_of(const std::string& answer, ClientLimits limits = {}) {
    const CannedServer server({{answer}});
    JsonRpcClient client(server.url(), limits);
    const auto result = client.call("m");
    return result ? std::error_code{} : result.error().code;
}

TEST(JsonRpcClient, AnswersTheResult) {
    const CannedServer server({{http(kSeven), http(kSeven)}});
    JsonRpcClient client(server.url());
    EXPECT_EQ(client.call("m").value().as_int64(), 7);
    EXPECT_EQ(client.call("m", "[1]").value().as_int64(), 7) << "on the same connection";
}

TEST(JsonRpcClient, ConnectsAgainWhenTheNodeHasClosed) {
    const CannedServer server({{http(kSeven)}, {http(kSeven)}});
    JsonRpcClient client(server.url());
    EXPECT_TRUE(client.call("m"));
    EXPECT_TRUE(client.call("m"));
}

TEST(JsonRpcClient, PassesOnTheNodesError) {
    const CannedServer server({{http(R"({"error":{"code":-32000,"message":"no such block"}})")}});
    JsonRpcClient client(server.url());
    const auto answer = client.call("m");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error(), Error{ClientError::error_answer});
    EXPECT_EQ(answer.error().context, "no such block (-32000)");
    const CannedServer reverting({{http(R"({"error":{"code":3,"message":"reverted","data":"0x12"}})")}});
    JsonRpcClient other(reverting.url());
    EXPECT_EQ(other.call("m").error().context, "reverted (3) 0x12");
}

TEST(JsonRpcClient, SaysWhatIsWrongWithAnAnswer) {
    for (const auto* body : {"", "[]", "{}", "nonsense", "7"})
        EXPECT_EQ(code_of(http(body)), make_error_code(ClientError::bad_answer)) << body;
    EXPECT_EQ(code_of(http("no", "403 Forbidden")), make_error_code(ClientError::refused_by_http));
    EXPECT_EQ(code_of("nonsense\r\n\r\n"), make_error_code(ClientError::unreachable));
}

TEST(JsonRpcClient, TakesNoMoreThanItsLimit) {
    ClientLimits limits;
    limits.answer_bytes = 100;
    EXPECT_EQ(code_of(http(std::string(101, ' ')), limits), make_error_code(ClientError::bad_answer));
}

TEST(JsonRpcClient, NobodyThereIsAnError) {
    std::string port;
    {
        asio::io_context io;
        const tcp::acceptor free(io, {asio::ip::make_address("127.0.0.1"), 0});
        port = std::to_string(free.local_endpoint().port());
    }
    JsonRpcClient client(Url{"127.0.0.1", port, "/"});
    EXPECT_EQ(client.call("m").error(), Error{ClientError::unreachable});
}

}  // namespace
}  // namespace valence::client
