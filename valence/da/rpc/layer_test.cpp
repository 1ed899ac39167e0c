// The embedded layer, and the same through its server and a client: the checks are those of whoever posts.
#include <thread>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "valence/base/base64.hpp"
#include "valence/base/testing/test_folder.hpp"
#include "valence/da/inclusion/commitment.hpp"
#include "valence/da/rpc/answer.hpp"
#include "valence/da/rpc/layer_client.hpp"
#include "valence/da/rpc/server.hpp"

namespace valence::da {
namespace {

Namespace name_of(std::uint8_t n) { return user_namespace(Bytes{n, 2, 3}).value(); }

Blob blob_with(std::uint8_t n, std::size_t size) {
    Blob blob;
    blob.name = name_of(n);
    for (std::size_t i = 0; i < size; ++i)
        blob.data.push_back(static_cast<std::uint8_t>(i * i + n));
    return blob;
}

EmbeddedOptions quiet() {
    EmbeddedOptions options;
    options.empty_every.reset();
    return options;
}

/// Each test against the layer itself, and through HTTP.
enum class Way { direct, rpc };
class EitherLayer : public ::testing::TestWithParam<Way> {
protected:
    EitherLayer() {
        if (GetParam() == Way::direct) return;
        LayerServerConfig config;
        config.port = 0;
        config.token = "secret";
        server_ = LayerServer::start(config, *embedded_).value();
        const client::Url url{"127.0.0.1", std::to_string(server_->port()), "/"};
        client_ =
            std::make_unique<LayerClient>(LayerClientOptions{url, "secret", std::chrono::milliseconds{5}});
    }
    Layer& layer() { return client_ ? static_cast<Layer&>(*client_) : *embedded_; }

    std::unique_ptr<EmbeddedLayer> embedded_ = EmbeddedLayer::open(quiet()).value();
    std::unique_ptr<LayerServer> server_;
    std::unique_ptr<LayerClient> client_;
};
INSTANTIATE_TEST_SUITE_P(Ways, EitherLayer, ::testing::Values(Way::direct, Way::rpc));

TEST_P(EitherLayer, KeepsBlobsByNamespaceInTheirOrder) {
    const std::vector<Blob> blobs{blob_with(9, 5'000), blob_with(1, 10), blob_with(1, 100'000)};
    const auto height = layer().submit(blobs);
    ASSERT_TRUE(height) << height.error().message();
    EXPECT_EQ(height.value(), 2U);
    const auto found = layer().blobs(2, name_of(1));
    ASSERT_TRUE(found) << found.error().message();
    ASSERT_EQ(found.value().size(), 2U);
    EXPECT_EQ(found.value()[0].blob, blobs[1]);
    EXPECT_EQ(found.value()[1].blob, blobs[2]);
    EXPECT_EQ(found.value()[1].commitment, blob_commitment(blobs[2]));
    EXPECT_TRUE(layer().blobs(2, name_of(7)).value().empty());
    EXPECT_TRUE(layer().blobs(1, name_of(1)).value().empty());
}

TEST_P(EitherLayer, ProvesBlobsAgainstTheirHeaders) {
    const std::vector<Blob> blobs{blob_with(1, 70'000), blob_with(2, 3)};
    const auto height = layer().submit(blobs).value();
    const auto header = layer().header(height);
    ASSERT_TRUE(header) << header.error().message();
    EXPECT_TRUE(check_header(header.value()));
    for (const auto& blob : blobs) {
        const auto commitment = blob_commitment(blob);
        const auto proof = layer().prove(height, blob.name, commitment);
        ASSERT_TRUE(proof) << proof.error().message();
        EXPECT_TRUE(verify_commitment_proof(proof.value(), header.value().data_hash));
        EXPECT_EQ(commitment_of(proof.value()), commitment);
    }
    EXPECT_EQ(layer().prove(height, name_of(1), Hash{}).error(), Error{LayerError::not_found});
}

TEST_P(EitherLayer, LinksItsHeaders) {
    ASSERT_TRUE(layer().submit(std::vector{blob_with(1, 1)}));
    const auto first = layer().header(1).value();
    const auto second = layer().head().value();
    EXPECT_EQ(second.height, 2U);
    EXPECT_EQ(second.last_block.hash, first.hash());
    EXPECT_LT(first.time, second.time);
}

TEST_P(EitherLayer, SaysWhenABlockIsStillToCome) {
    EXPECT_EQ(layer().header(2).error(), Error{LayerError::no_such_height});
    EXPECT_EQ(layer().blobs(2, name_of(1)).error(), Error{LayerError::no_such_height});
    EXPECT_EQ(layer().wait_for(2, std::chrono::milliseconds{1}).error(), Error{LayerError::no_such_height});
    ASSERT_TRUE(embedded_->make_block());
    EXPECT_EQ(layer().wait_for(2, std::chrono::seconds{5}).value().height, 2U);
}

TEST_P(EitherLayer, RefusesWhatNoBlockHolds) {
    auto options = quiet();
    options.max_width = 4;
    const auto small = EmbeddedLayer::open(options).value();
    EXPECT_EQ(small->submit(std::vector{blob_with(1, 20'000)}).error(), Error{LayerError::too_large});
    auto reserved = blob_with(1, 1);
    reserved.name = kTransactionNamespace;
    EXPECT_FALSE(layer().submit(std::vector{reserved}));
}

TEST(EmbeddedLayer, GoesOnFromItsFolder) {
    const base::testing::TestFolder folder;
    auto options = quiet();
    options.folder = folder.path() / "da";
    const auto blobs = std::vector{blob_with(1, 1'000)};
    Hash head;
    {
        const auto layer = EmbeddedLayer::open(options).value();
        ASSERT_EQ(layer->submit(blobs).value(), 2U);
        head = layer->head().value().hash();
    }
    const auto layer = EmbeddedLayer::open(options).value();
    EXPECT_EQ(layer->head().value().hash(), head);
    EXPECT_EQ(layer->blobs(2, name_of(1)).value()[0].blob, blobs[0]);
    options.chain_id = "another";
    EXPECT_EQ(EmbeddedLayer::open(options).error(), Error{LayerError::io});
}

std::string ask(EmbeddedLayer& layer, const std::string& method, const std::string& parameters,
                Caller caller = Caller::trusted) {
    return answer_message(
        layer, R"({"jsonrpc":"2.0","id":7,"method":")" + method + R"(","params":)" + parameters + "}",
        caller);
}

TEST(LayerRpc, AnswersErrorsAsCelestiaNodeDoes) {
    const auto layer = EmbeddedLayer::open(quiet()).value();
    const auto code = [](const std::string& answer) {
        return json::parse(answer).at("error").at("code").as_int64();
    };
    EXPECT_EQ(code(ask(*layer, "blob.Nothing", "[]")), kMethodNotFound);
    EXPECT_EQ(code(ask(*layer, "header.GetByHeight", "[]")), kInvalidParameters);
    EXPECT_EQ(code(ask(*layer, "header.GetByHeight", "{}")), kInvalidParameters);
    EXPECT_EQ(code(ask(*layer, "header.GetByHeight", "[9]")), kMethodFailed);
    EXPECT_EQ(code(answer_message(*layer, "{", Caller::trusted)), kParseError);
    EXPECT_EQ(code(answer_message(*layer, "[]", Caller::trusted)), kInvalidRequest);
    const auto refused = ask(*layer, "blob.Submit", "[[]]", Caller::unknown);
    EXPECT_NE(refused.find("missing permission to invoke 'Submit' (need 'write')"), std::string::npos);
    EXPECT_EQ(answer_message(*layer, R"({"jsonrpc":"2.0","method":"header.LocalHead"})", Caller::trusted),
              "");
}

/// A request over a connection of its own: its line and header, behind which a body of that many bytes comes.
std::string status_of(const LayerServer& server, const std::string& head, std::size_t body) {
    boost::asio::io_context io;
    boost::asio::ip::tcp::socket socket(io);
    socket.connect({boost::asio::ip::make_address("127.0.0.1"), server.port()});
    const auto text = "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + head +
                      "Content-Length: " + std::to_string(body) + "\r\n\r\n" + std::string(body, ' ');
    boost::system::error_code cut_off;
    boost::asio::write(socket, boost::asio::buffer(text), cut_off);
    std::string answer(12, ' ');
    boost::asio::read(socket, boost::asio::buffer(answer), cut_off);
    return answer.substr(9);
}

TEST(LayerServer, KnowsWhoAsksBeforeItTakesMuch) {
    const auto layer = EmbeddedLayer::open(quiet()).value();
    LayerServerConfig config;
    config.port = 0;
    config.token = "secret";
    const auto server = LayerServer::start(config, *layer).value();
    const std::string right = "Authorization: Bearer secret\r\n";
    EXPECT_EQ(status_of(*server, right, 100'000), "200");
    EXPECT_EQ(status_of(*server, {}, 1'000), "200") << "an error, in JSON";
    EXPECT_EQ(status_of(*server, {}, 100'000), "413");
    EXPECT_EQ(status_of(*server, "Authorization: Bearer secreT\r\n", 1'000), "401");
    EXPECT_EQ(status_of(*server, "Authorization: Basic secret\r\n", 1'000), "401");
    EXPECT_EQ(status_of(*server, right + "Origin: http://elsewhere\r\n", 1'000), "403") << "a page";
}

TEST(LayerServer, WhoLacksTheTokenIsToldHowToGiveIt) {
    const auto layer = EmbeddedLayer::open(quiet()).value();
    LayerServerConfig config;
    config.port = 0;
    config.token = "secret";
    const auto server = LayerServer::start(config, *layer).value();
    for (const auto* token : {"", "wrong"}) {
        LayerClient client({{"127.0.0.1", std::to_string(server->port()), "/"}, token});
        const auto head = client.head();
        EXPECT_EQ(head.error(), Error{LayerError::refused});
        EXPECT_NE(head.error().message().find("--da-token"), std::string::npos) << head.error().message();
    }
}

TEST(LayerServer, EndsWhileOthersWaitForBlocks) {
    const auto layer = EmbeddedLayer::open(quiet()).value();
    LayerServerConfig config;
    config.port = 0;
    auto server = LayerServer::start(config, *layer).value();
    std::jthread waiting([port = server->port()] {
        client::JsonRpcClient client({"127.0.0.1", std::to_string(port), "/"});
        static_cast<void>(client.call("header.WaitForHeight", "[1000]"));
    });
    while (layer->waiters() == 0)
        std::this_thread::yield();
    server.reset();
}

TEST(EmbeddedLayer, HasFewWaitFromElsewhere) {
    constexpr std::chrono::hours kLong{1};
    const auto layer = EmbeddedLayer::open(quiet()).value();
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < EmbeddedLayer::kMostWaiters; ++i)
        threads.emplace_back([&] {
            EXPECT_EQ(layer->wait_from_elsewhere(2, kLong).error(), Error{LayerError::no_such_height});
        });
    while (layer->waiters() < EmbeddedLayer::kMostWaiters)
        std::this_thread::yield();
    EXPECT_EQ(layer->wait_from_elsewhere(2, kLong).error(), Error{LayerError::busy});
    EXPECT_TRUE(layer->wait_from_elsewhere(1, kLong)) << "it is there";
    layer->release_waiting();
}

TEST(LayerRpc, AnswersABatchUpToABound) {
    const auto layer = EmbeddedLayer::open(quiet()).value();
    ASSERT_TRUE(layer->submit(std::vector{blob_with(1, 1'500'000)}));
    std::string batch = "[";
    for (int i = 0; i < 16; ++i)
        batch += R"({"jsonrpc":"2.0","id":1,"method":"share.GetEDS","params":[2]},)";
    batch += R"({"jsonrpc":"2.0","id":2,"method":"header.LocalHead"}])";
    const auto answers = json::parse(answer_message(*layer, batch, Caller::trusted)).as_array();
    ASSERT_EQ(answers.size(), 17U);
    EXPECT_TRUE(answers.front().as_object().contains("result"));
    EXPECT_EQ(answers.back().at("id"), 2);
    EXPECT_TRUE(answers.back().as_object().contains("error"));
}

TEST(LayerRpc, AnswersNothingManyTimesOver) {
    const auto layer = EmbeddedLayer::open(quiet()).value();
    const auto name = "\"" + base::to_base64(name_of(1)) + "\"";
    EXPECT_NE(ask(*layer, "blob.GetAll", "[1,[" + name + "]]").find("result"), std::string::npos);
    EXPECT_NE(ask(*layer, "blob.GetAll", "[1,[" + name + "," + name + "]]").find("error"), std::string::npos);
    const std::string wait = R"({"jsonrpc":"2.0","id":1,"method":"header.WaitForHeight","params":[1]})";
    EXPECT_NE(answer_message(*layer, wait, Caller::trusted).find("result"), std::string::npos);
    EXPECT_EQ(answer_message(*layer, "[" + wait + "]", Caller::trusted).find("result"), std::string::npos);
}

TEST(LayerRpc, ServesTheSquare) {
    const auto layer = EmbeddedLayer::open(quiet()).value();
    ASSERT_TRUE(layer->submit(std::vector{blob_with(1, 2'000)}));
    const auto result = [&](const std::string& method, const std::string& parameters) {
        return json::parse(ask(*layer, method, parameters)).at("result");
    };
    const auto square = layer->square(2).value();
    const auto width = square->width();
    EXPECT_EQ(result("share.GetEDS", "[2]").at("data_square").as_array().size(), width * width);
    EXPECT_EQ(result("share.GetRow", "[2,0]").at("shares").as_array().size(), width);
    EXPECT_TRUE(result("share.SharesAvailable", "[2]").is_null());
    const auto name = base::to_base64(name_of(1));
    const auto rows = result("share.GetNamespaceData", "[2,\"" + name + "\"]").as_array();
    std::size_t shares = 0;
    for (const auto& row : rows)
        shares += row.at("shares").as_array().size();
    EXPECT_EQ(shares, blob_share_count(2'000, 0));
    const auto samples = result("share.GetSamples", R"([2,[{"row":1,"col":0}]])").as_array();
    ASSERT_EQ(samples.size(), 1U);
    const auto proof = namespaced_proof_of(samples[0].at("proof")).value();
    const auto share = square->at({1, 0});
    const auto leaf = hash_leaf(leaf_namespace(share, {1, 0}, width), share);
    const auto roots = layer->header(2).value().roots;
    EXPECT_TRUE(verify_leaves_at(proof, std::vector{leaf}, roots.rows[1], width));
}

/// Block 27 of a private network, as lumina keeps it for its own tests (types/test_data/chain1).
constexpr std::string_view kPrivate27 = R"({
"header":{"version":{"block":"11","app":"1"},"chain_id":"private","height":"27","time":"2023-06-23T10:47:03.421014336Z",
"last_block_id":{"hash":"1295AF1D84029BA708492AEC6567EFB5FD945146BFA107C59FF9308B8E531258",
"parts":{"total":1,"hash":"9607CC680C99340E0116817BA02BA2E6733230868022FAFB74DFD8B499A0E3DC"}},
"last_commit_hash":"63BF04788F0692A176EBF6C1CF5352BE19E3F480A5D1CAC5B1C25020F17751D5",
"data_hash":"3D96B7D238E7E0456F6AF8E7CDF0A67BD6CF9C2089ECB559C659DCAA1F880353",
"validators_hash":"64AEB6CA415A37540650FC04471974CE4FE88884CDD3300DF7BB27C1786871E9",
"next_validators_hash":"64AEB6CA415A37540650FC04471974CE4FE88884CDD3300DF7BB27C1786871E9",
"consensus_hash":"C0B6A634B72AE9687EA53B6D277A73ABA1386BA3CFC6D0F26963602F7F6FFCD6",
"app_hash":"0FA216D5A4780E81BB70AA16DC843881790E7DE91863CA1F1698EBE4A0B278B7",
"last_results_hash":"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
"evidence_hash":"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
"proposer_address":"F1F83230835AA69A1AD6EA68C6D894A4106B8E53"},
"commit":{"block_id":{"hash":"6F754536418C0574629379BA6F145C62C86DAEAA8F5772FA1AD5D5AEB4FE5B97",
"parts":{"total":1,"hash":"791BF8972B46DA4582779629D7E3D925510178D3930A4F6CA82FB88636FDA2C6"}}},
"dah":{"row_roots":[],"column_roots":[]}})";

TEST(ExtendedHeader, HashesAsCometBftDoes) {
    auto value = json::parse(kPrivate27);
    const auto header = header_of(value);
    ASSERT_TRUE(header) << header.error().message();
    EXPECT_EQ(header.value().height, 27U);
    // One digit of its time.
    value.at("header").at("time") = "2023-06-23T10:47:03.421014337Z";
    EXPECT_EQ(header_of(value).error(), Error{LayerError::malformed});
}

TEST(ExtendedHeader, ComesBackFromJson) {
    const auto layer = EmbeddedLayer::open(quiet()).value();
    const auto header = layer->head().value();
    const auto again = header_of(json::value(to_json(header)));
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(again.value(), header);
}

}  // namespace
}  // namespace valence::da
