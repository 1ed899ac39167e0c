#include "valence/rpc/server.hpp"

#include <atomic>
#include <thread>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <gtest/gtest.h>

#include "valence/rpc/testing/test_chain.hpp"

namespace valence::rpc {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using testing::TestChain;

namespace {

constexpr std::string_view kChainIdRequest = R"({"jsonrpc":"2.0","id":1,"method":"eth_chainId"})";
constexpr std::string_view kChainIdAnswer = R"({"jsonrpc":"2.0","id":1,"result":"0x7c2"})";

class ServerTest : public ::testing::Test {
protected:
    void start(ServerConfig config = {}) {
        config.port = 0;
        config.mode = Mode::dev;
        auto started = Server::start(config, chain_.node());
        ASSERT_TRUE(started.has_value()) << started.error().message();
        server_ = std::move(started).value();
    }

    tcp::socket connect() {
        tcp::socket socket(io_);
        socket.connect({asio::ip::make_address("127.0.0.1"), server_->port()});
        return socket;
    }

    using Response = http::response<http::string_body>;

    static Response read(tcp::socket& socket, beast::flat_buffer& buffer) {
        Response response;
        http::read(socket, buffer, response);
        return response;
    }

    Response send(const std::string& raw) {
        auto socket = connect();
        asio::write(socket, asio::buffer(raw));
        beast::flat_buffer buffer;
        return read(socket, buffer);
    }

    static std::string post(std::string_view body,
                            std::string_view headers = "Content-Type: application/json\r\n") {
        return "POST / HTTP/1.1\r\nHost: localhost\r\n" + std::string(headers) +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
    }

    beast::websocket::stream<tcp::socket> websocket() {
        beast::websocket::stream<tcp::socket> stream(connect());
        stream.handshake("localhost", "/");
        return stream;
    }

    static std::string receive(beast::websocket::stream<tcp::socket>& stream) {
        beast::flat_buffer buffer;
        stream.read(buffer);
        return beast::buffers_to_string(buffer.data());
    }

    TestChain chain_;
    asio::io_context io_;
    std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, answers_a_post) {
    start();
    const auto response = send(post(kChainIdRequest));
    EXPECT_EQ(response.result_int(), 200U);
    EXPECT_EQ(response[http::field::content_type], "application/json");
    EXPECT_EQ(response.body(), kChainIdAnswer);
}

TEST_F(ServerTest, answers_pipelined_and_chunked_requests_in_order) {
    start();
    auto socket = connect();
    const std::string second = R"({"jsonrpc":"2.0","id":2,"method":"net_version"})";
    const std::string chunks =
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n5\r\n" +
        second.substr(0, 5) + "\r\n2a\r\n" + second.substr(5) + "\r\n0\r\n\r\n";
    ASSERT_EQ(second.size(), 5U + 0x2a);
    asio::write(socket, asio::buffer(post(kChainIdRequest) + chunks));
    beast::flat_buffer buffer;
    EXPECT_EQ(read(socket, buffer).body(), kChainIdAnswer);
    EXPECT_EQ(read(socket, buffer).body(), R"({"jsonrpc":"2.0","id":2,"result":"1986"})");
}

TEST_F(ServerTest, refuses_bodies_larger_than_the_limit) {
    ServerConfig config;
    config.limits.request_bytes = 1000;
    start(config);
    const auto response = send(post(std::string(1001, ' ')));
    EXPECT_EQ(response.result_int(), 413U);
    EXPECT_NE(response.body().find("request entity too large"), std::string::npos);
}

TEST_F(ServerTest, refuses_other_content_hosts_and_methods) {
    start();
    EXPECT_EQ(send(post(kChainIdRequest, "Content-Type: text/plain\r\n")).result_int(), 415U);
    EXPECT_EQ(send("GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n").result_int(), 403U);
    EXPECT_EQ(send("GET /health HTTP/1.1\r\nHost: 127.0.0.1:8545\r\n\r\n").result_int(), 200U);
    EXPECT_EQ(send("GET /health HTTP/1.1\r\nHost: [::1]:8545\r\n\r\n").result_int(), 200U);
    EXPECT_EQ(send("PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n").result_int(), 405U);
    EXPECT_EQ(send("GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n").result_int(), 404U);
    EXPECT_EQ(send("NONSENSE\r\n\r\n").result_int(), 400U);
}

TEST_F(ServerTest, lets_pages_of_allowed_origins_call) {
    ServerConfig config;
    config.cors_origins = {"https://app.example"};
    start(config);
    const auto ask = [&](std::string_view origin) {
        return send("OPTIONS / HTTP/1.1\r\nHost: localhost\r\nOrigin: " + std::string(origin) +
                    "\r\nAccess-Control-Request-Method: POST\r\n\r\n");
    };
    EXPECT_EQ(ask("https://app.example")[http::field::access_control_allow_origin], "https://app.example");
    EXPECT_EQ(ask("https://other.example").count(http::field::access_control_allow_origin), 0U);
}

TEST_F(ServerTest, tells_its_health_and_metrics) {
    start();
    send(post(kChainIdRequest));
    EXPECT_NE(send("GET /health HTTP/1.1\r\n\r\n").body().find("\"status\":\"ok\""), std::string::npos);
    const auto metrics = send("GET /metrics HTTP/1.1\r\n\r\n").body();
    EXPECT_NE(metrics.find("valence_rpc_duration_seconds_count{method=\"eth_chainId\"} 1"),
              std::string::npos);
    EXPECT_NE(metrics.find("valence_head_block 0"), std::string::npos);
}

TEST_F(ServerTest, serves_requests_and_subscriptions_over_websocket) {
    start();
    auto stream = websocket();
    stream.write(asio::buffer(kChainIdRequest));
    EXPECT_EQ(receive(stream), kChainIdAnswer);
    stream.write(asio::buffer(
        std::string(R"({"jsonrpc":"2.0","id":2,"method":"eth_subscribe","params":["newHeads"]})")));
    const auto answer = receive(stream);
    const auto id = answer.substr(answer.find("0x"), answer.rfind('"') - answer.find("0x"));
    ASSERT_TRUE(chain_.node().mine().has_value());
    const auto head = receive(stream);
    EXPECT_TRUE(
        head.starts_with(R"({"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":")" + id +
                         R"(","result":{)"))
        << head;
    EXPECT_NE(head.find(R"("number":"0x1")"), std::string::npos);
    stream.write(
        asio::buffer(R"({"jsonrpc":"2.0","id":3,"method":"eth_unsubscribe","params":[")" + id + "\"]}"));
    EXPECT_EQ(receive(stream), R"({"jsonrpc":"2.0","id":3,"result":true})");
}

TEST_F(ServerTest, forgets_the_subscriptions_of_a_peer_that_left) {
    start();
    {
        auto stream = websocket();
        stream.write(asio::buffer(
            std::string(R"({"jsonrpc":"2.0","id":2,"method":"eth_subscribe","params":["logs",{}]})")));
        receive(stream);
        EXPECT_EQ(server_->context().subscriptions.size(), 1U);
        stream.close(beast::websocket::close_code::normal);
    }
    // The server notices on its own threads.
    while (server_->context().subscriptions.size() != 0)
        std::this_thread::yield();
}

TEST_F(ServerTest, reads_no_further_requests_of_a_peer_that_takes_no_answers) {
    ServerConfig config;
    config.limits.websocket_queue_bytes = 100;
    start(config);
    auto stream = websocket();
    constexpr int kRequests = 200;
    for (int i = 0; i < kRequests; ++i)
        stream.write(asio::buffer(kChainIdRequest));
    // Every answer comes once the peer reads again.
    for (int i = 0; i < kRequests; ++i)
        EXPECT_EQ(receive(stream), kChainIdAnswer);
}

TEST_F(ServerTest, has_no_subscriptions_over_http) {
    start();
    const auto response =
        send(post(R"({"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]})"));
    EXPECT_EQ(response.body(),
              R"({"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"notifications not supported"}})");
}

TEST_F(ServerTest, stops_while_connections_are_open) {
    start();
    auto socket = connect();
    auto stream = websocket();
    server_.reset();
}

TEST_F(ServerTest, stops_while_a_million_blocks_are_made) {
    start();
    auto stream = websocket();
    stream.write(
        asio::buffer(std::string(R"({"jsonrpc":"2.0","id":1,"method":"anvil_mine","params":[1000000]})")));
    while (chain_.node().chain().head_number() == 0)
        std::this_thread::yield();
    server_.reset();
    EXPECT_LT(chain_.node().chain().head_number(), 1'000'000U);
}

TEST_F(ServerTest, stops_while_requests_come) {
    // What a connection hands to the workers right then is never run, and goes with the server.
    for (int round = 0; round < 20; ++round) {
        start();
        std::atomic<int> answers = 0;
        std::vector<std::thread> clients;
        for (int i = 0; i < 16; ++i) {
            clients.emplace_back([&, port = server_->port()] {
                asio::io_context io;
                tcp::socket socket(io);
                boost::system::error_code gone;
                socket.connect({asio::ip::make_address("127.0.0.1"), port}, gone);
                const auto request = post(R"({"jsonrpc":"2.0","id":1,"method":"eth_accounts"})");
                beast::flat_buffer buffer;
                while (!gone) {
                    asio::write(socket, asio::buffer(request), gone);
                    Response response;
                    if (!gone) http::read(socket, buffer, response, gone);
                    ++answers;
                    answers.notify_one();
                }
            });
        }
        for (auto seen = answers.load(); seen < 500; seen = answers.load())
            answers.wait(seen);
        server_.reset();
        for (auto& client : clients)
            client.join();
    }
}

/// A request whose answer has about `kLargeAnswer` bytes: what a contract returns that is nothing but memory.
constexpr std::string_view kLargeRequest =
    R"({"jsonrpc":"2.0","id":1,"method":"eth_call","params":[{"to":"0x00000000000000000000000000000000000000ee"},)"
    R"("latest",{"0x00000000000000000000000000000000000000ee":{"code":"0x622000005ff3"}}]})";
constexpr std::size_t kLargeAnswer = 2 * 0x200000;
constexpr std::string_view kBusyAnswer =
    R"({"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"busy: too many answers wait for those who asked for them"}})";

TEST_F(ServerTest, cuts_off_websocket_peers_that_take_nothing_where_too_much_waits) {
    ServerConfig config;
    config.limits.waiting_answer_bytes = kLargeAnswer;
    start(config);
    auto& context = server_->context();
    auto greedy = websocket();
    while (context.metrics.slow_consumers == 0) {
        boost::system::error_code gone;
        greedy.write(asio::buffer(kLargeRequest), gone);
    }
    // No more than what ran when the bound was reached.
    EXPECT_LE(context.waiting_answer_bytes, kLargeAnswer * (2 + config.limits.websocket_in_flight));
    // Requests that ran when the peer was cut off still count their answers, until the last of them has
    // ended.
    auto other = websocket();
    std::string answer;
    while (answer != kChainIdAnswer) {
        other.write(asio::buffer(kChainIdRequest));
        answer = receive(other);
        ASSERT_TRUE(answer == kChainIdAnswer || answer == kBusyAnswer) << answer;
    }
    while (context.waiting_answer_bytes > 0)
        std::this_thread::yield();
}

TEST_F(ServerTest, turns_websocket_requests_away_while_too_much_waits) {
    ServerConfig config;
    config.limits.waiting_answer_bytes = 10;
    start(config);
    auto stream = websocket();
    server_->context().waiting_answer_bytes += 100;
    stream.write(asio::buffer(kChainIdRequest));
    EXPECT_EQ(receive(stream), kBusyAnswer);
    stream.write(
        asio::buffer('[' + std::string(kChainIdRequest) + R"(,{"jsonrpc":"2.0","method":"eth_chainId"}])"));
    EXPECT_EQ(receive(stream), '[' + std::string(kBusyAnswer) + ']');
    server_->context().waiting_answer_bytes -= 100;
    stream.write(asio::buffer(kChainIdRequest));
    EXPECT_EQ(receive(stream), kChainIdAnswer);
}

/// A request of about 200 kB.
std::string long_request() {
    return R"({"jsonrpc":"2.0","id":1,"method":"eth_chainId","more":")" + std::string(200'000, ' ') + "\"}";
}

TEST_F(ServerTest, turns_long_requests_away_while_too_much_is_being_received) {
    start();
    auto& others = server_->context().request_bytes;
    const auto most = server_->context().limits.all_request_bytes;
    others += most;
    EXPECT_EQ(send(post(kChainIdRequest)).body(), kChainIdAnswer);
    const auto refused = send(post(long_request()));
    EXPECT_EQ(refused.result_int(), 503U);
    EXPECT_EQ(refused.body(), "busy: too many bytes of requests are being received\n");
    auto stream = websocket();
    stream.write(asio::buffer(kChainIdRequest));
    EXPECT_EQ(receive(stream), kChainIdAnswer);
    stream.write(asio::buffer(long_request()));
    beast::flat_buffer buffer;
    boost::system::error_code closed;
    stream.read(buffer, closed);
    EXPECT_EQ(closed, beast::websocket::error::closed);
    EXPECT_EQ(stream.reason().code, beast::websocket::close_code::try_again_later);
    others -= most;
    EXPECT_EQ(send(post(long_request())).body(), kChainIdAnswer);
    auto again = websocket();
    again.write(asio::buffer(long_request()));
    EXPECT_EQ(receive(again), kChainIdAnswer);
    while (others > 0)
        std::this_thread::yield();
}

TEST_F(ServerTest, counts_what_came_of_a_request_until_it_is_answered_or_its_time_is_over) {
    ServerConfig config;
    config.limits.transfer = std::chrono::seconds(2);
    start(config);
    const auto& context = server_->context();
    const auto is_counted_for_a_time = [&](std::size_t bytes) {
        while (context.request_bytes < bytes - context.limits.request_bytes_free)
            std::this_thread::yield();
        while (context.request_bytes > 0 || context.metrics.open_connections > 0)
            std::this_thread::yield();
    };
    auto stream = websocket();
    stream.write_some(false, asio::buffer(std::string(200'000, ' ')));
    is_counted_for_a_time(200'000);
    auto socket = connect();
    asio::write(socket, asio::buffer(post(long_request()).substr(0, 150'000)));
    is_counted_for_a_time(100'000);
}

/// Jumps in a circle for ever.
constexpr std::string_view kForEver =
    R"({"jsonrpc":"2.0","id":2,"method":"eth_call","params":[{"to":"0x00000000000000000000000000000000000000ee"},)"
    R"("latest",{"0x00000000000000000000000000000000000000ee":{"code":"0x5b5f56"}}]})";

TEST_F(ServerTest, answers_short_questions_while_long_ones_run) {
    ServerConfig config;
    config.workers = 1;
    config.patient_workers = 1;
    config.limits.evm_time = config.limits.message_time = std::chrono::milliseconds(0);
    config.limits.call_gas = 1'000'000'000'000'000;
    start(config);
    auto stream = websocket();
    for (int i = 0; i < 3; ++i)
        stream.write(asio::buffer(kForEver));
    stream.write(asio::buffer('[' + std::string(kForEver) + ']'));
    auto socket = connect();
    asio::write(socket, asio::buffer(post(kForEver)));
    stream.write(asio::buffer(kChainIdRequest));
    EXPECT_EQ(receive(stream), kChainIdAnswer);
    EXPECT_EQ(send(post(kChainIdRequest)).body(), kChainIdAnswer);
    server_.reset();
}

TEST_F(ServerTest, runs_nothing_for_a_websocket_peer_that_left) {
    ServerConfig config;
    config.patient_workers = 1;
    config.limits.evm_time = std::chrono::milliseconds(300);
    config.limits.call_gas = 1'000'000'000'000'000;
    start(config);
    const auto& metrics = server_->context().metrics;
    constexpr int kRequests = 10;
    {
        auto stream = websocket();
        for (int i = 0; i < kRequests; ++i)
            stream.write(asio::buffer(kForEver));
        while (metrics.bytes_in < kRequests * kForEver.size())
            std::this_thread::yield();
    }
    // It counts as a connection until what runs for it has ended.
    while (metrics.open_connections > 0)
        std::this_thread::yield();
    // One caller's requests have their turns in order.
    send(post(kForEver));
    std::string page;
    metrics.render(page);
    const std::string_view counted = R"(valence_rpc_errors_total{method="eth_call"} )";
    const auto at = page.find(counted);
    ASSERT_NE(at, std::string::npos) << page;
    EXPECT_LT(std::stoi(page.substr(at + counted.size())), kRequests) << page;
}

TEST_F(ServerTest, gives_a_websocket_peer_its_time_to_take_a_message) {
    ServerConfig config;
    config.limits.transfer = std::chrono::seconds(1);
    start(config);
    auto stream = websocket();
    // More than the system's buffers hold between the two.
    for (int i = 0; i < 4; ++i)
        stream.write(asio::buffer(kLargeRequest));
    while (server_->context().metrics.slow_consumers == 0)
        std::this_thread::yield();
    while (server_->context().metrics.open_connections > 0 || server_->context().waiting_answer_bytes > 0)
        std::this_thread::yield();
}

}  // namespace

}  // namespace valence::rpc
