// The methods about models: uploading over JSON-RPC, and fetching from a node by its URL.
#include "valence/compute/testing/models.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "valence/compute/model_store/fetch_model.hpp"
#include "valence/compute/model_store/model_store.hpp"
#include "valence/compute/model_store/push_file.hpp"
#include "valence/compute/model_store/store_error.hpp"
#include "valence/rpc/server.hpp"
#include "valence/rpc/testing/test_chain.hpp"

namespace valence::rpc {
namespace {

namespace json = boost::json;
using compute::kTransportChunk;
using compute::Manifest;
using compute::testing::dense_graph;
using testing::TestChain;

std::string manifest_json(const Manifest& manifest) {
    std::string text;
    JsonWriter out(text);
    out.begin_array();
    out.begin_object();
    out.key("length").quantity(manifest.length);
    out.key("chunks").begin_array();
    for (const auto& chunk : manifest.chunks)
        out.data(chunk);
    out.end_array();
    out.end_object();
    out.end_array();
    return text;
}

std::string chunk_json(const Hash& upload, std::uint64_t number, BytesView bytes) {
    std::string text;
    JsonWriter out(text);
    out.begin_array();
    out.data(upload);
    out.quantity(number);
    out.data(bytes);
    out.end_array();
    return text;
}

std::string one(BytesView hash) { return "[\"" + base::to_hex_prefixed(hash) + "\"]"; }

class ModelMethods : public ::testing::Test {
protected:
    json::value call(std::string_view method, const std::string& parameters) {
        return json::parse(chain_.call(method, parameters));
    }
    int error_of(std::string_view method, const std::string& parameters) {
        const auto answer = call(method, parameters);
        const auto* error = answer.is_object() ? answer.get_object().if_contains("error") : nullptr;
        return error == nullptr ? 0 : static_cast<int>(error->at("code").as_int64());
    }
    void send(const Bytes& file, std::uint64_t number) {
        const auto at = number * kTransportChunk;
        const BytesView chunk = BytesView{file}.subspan(at, std::min(kTransportChunk, file.size() - at));
        const auto root = manifest_root(compute::make_manifest(file));
        ASSERT_EQ(error_of("valence_modelUploadChunk", chunk_json(root, number, chunk)), 0);
    }

    const ml::Graph graph_ = dense_graph(4 * 436);
    const Bytes file_ = ml::encode_model(graph_);
    const Manifest manifest_ = compute::make_manifest(file_);
    const Hash root_ = manifest_root(manifest_);
    TestChain chain_;
};

TEST_F(ModelMethods, UploadAnswersWhatIsMissingAndThenTheModel) {
    auto begun = call("valence_modelUploadBegin", manifest_json(manifest_));
    EXPECT_EQ(begun.at("upload").as_string(), base::to_hex_prefixed(root_));
    EXPECT_EQ(begun.at("missing").as_array().size(), manifest_.chunks.size());
    EXPECT_TRUE(begun.at("modelId").is_null());
    send(file_, 2);
    send(file_, 0);
    EXPECT_EQ(error_of("valence_modelUploadFinish", one(root_)), code::kServer);
    begun = call("valence_modelUploadBegin", manifest_json(manifest_));
    EXPECT_EQ(json::serialize(begun.at("missing")), R"(["0x1","0x3"])");
    send(file_, 1);
    send(file_, 3);
    const auto model = call("valence_modelUploadFinish", one(root_));
    const auto id = ml::model_id(graph_);
    EXPECT_EQ(model.at("id").as_string(), base::to_hex_prefixed(id));
    EXPECT_EQ(model.at("verifyingKey").as_string(),
              base::to_hex_prefixed(ml::encode_verifying_key(ml::verifying_key(graph_))));
    EXPECT_EQ(json::serialize(model.at("inputs")),
              R"([{"name":"x","unit":"","type":"activation","shape":[300]}])");
    EXPECT_EQ(model.at("multiplyAccumulates").as_string(), U256{4 * 436 * 300}.to_hex());
    EXPECT_EQ(call("valence_model", one(id)), model);
    EXPECT_EQ(call("valence_models", "[]").as_array().size(), 1U);
    begun = call("valence_modelUploadBegin", manifest_json(manifest_));
    EXPECT_EQ(begun.at("modelId").as_string(), base::to_hex_prefixed(id));
}

TEST_F(ModelMethods, RefusalsHaveTheirCodes) {
    EXPECT_EQ(error_of("valence_modelUploadBegin", "[{}]"), code::kInvalidParams);
    EXPECT_EQ(error_of("valence_modelUploadBegin", R"([{"length":"0x1","chunks":[]}])"),
              code::kInvalidParams);
    EXPECT_EQ(error_of("valence_modelUploadBegin", R"([{"length":"0x1","chunks":["0x12"]}])"),
              code::kInvalidParams);
    EXPECT_EQ(error_of("valence_modelUploadBegin", R"([{"length":"0xffffffffffffffff","chunks":[]}])"),
              code::kServer);
    call("valence_modelUploadBegin", manifest_json(manifest_));
    EXPECT_EQ(error_of("valence_modelUploadChunk", chunk_json(root_, 1, Bytes(kTransportChunk))),
              code::kInvalidParams);
    EXPECT_EQ(error_of("valence_modelUploadChunk", chunk_json(Hash{}, 0, {})), code::kServer);
    EXPECT_EQ(error_of("valence_modelUploadFinish", one(Hash{})), code::kServer);
    for (std::uint64_t n = 0; n < 20; ++n)
        call("valence_modelUploadBegin", manifest_json({1, {U256{n}.to_hash()}}));
    EXPECT_EQ(error_of("valence_modelUploadBegin", manifest_json({1, {U256{99}.to_hash()}})),
              code::kLimitExceeded);
}

TEST_F(ModelMethods, WhatIsNotThereIsNull) {
    EXPECT_TRUE(call("valence_model", one(Hash{})).is_null());
    EXPECT_TRUE(call("valence_getModelManifest", one(Hash{})).is_null());
    EXPECT_TRUE(
        call("valence_getModelChunk", R"([")" + base::to_hex_prefixed(Hash{}) + R"(","0x0"])").is_null());
}

TEST_F(ModelMethods, AModelIsFetchedFromANodeByItsUrl) {
    const auto id = chain_.node().model_store().add(file_, "me").value()->id;
    ServerConfig config;
    config.port = 0;
    const auto server = std::move(Server::start(config, chain_.node())).value();
    const client::Url url{"127.0.0.1", std::to_string(server->port()), "/"};
    const std::vector<std::shared_ptr<compute::ModelPeer>> peers{std::make_shared<compute::RpcPeer>(url)};
    const auto ours = std::move(compute::ModelStore::open({})).value();
    const auto fetched = compute::fetch_model(*ours, peers, id);
    ASSERT_TRUE(fetched) << fetched.error().message();
    EXPECT_EQ(fetched.value()->manifest, manifest_);
    EXPECT_EQ(compute::fetch_model(*ours, peers, compute::ModelId{}).error(),
              Error{compute::StoreError::no_peer});
}

TEST_F(ModelMethods, AFileIsPushedFromWhereItStopped) {
    ServerConfig config;
    config.port = 0;
    const auto server = std::move(Server::start(config, chain_.node())).value();
    client::JsonRpcClient node(client::Url{"127.0.0.1", std::to_string(server->port()), "/"});
    auto file = std::move(compute::File::nameless(std::filesystem::temp_directory_path())).value();
    ASSERT_TRUE(file.write(0, file_));
    call("valence_modelUploadBegin", manifest_json(manifest_));
    send(file_, 1);
    std::vector<std::uint64_t> sent;
    const auto pushed = compute::push_file(node, file, [&](const compute::PushProgress& progress) {
        EXPECT_EQ(progress.known, kTransportChunk);
        EXPECT_EQ(progress.total, file_.size());
        sent.push_back(progress.sent);
    });
    ASSERT_TRUE(pushed) << pushed.error().message();
    EXPECT_EQ(sent.size(), manifest_.chunks.size()) << "one before and three after a chunk";
    EXPECT_EQ(sent.front(), kTransportChunk);
    EXPECT_EQ(sent.back(), file_.size());
    EXPECT_EQ(pushed.value().id, ml::model_id(graph_));
    EXPECT_EQ(pushed.value().verifying_key, ml::encode_verifying_key(ml::verifying_key(graph_)));
    const auto again = compute::push_file(node, file, [&](const compute::PushProgress& progress) {
        EXPECT_EQ(progress.known, file_.size()) << "the node has it";
    });
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(again.value().id, pushed.value().id);
}

}  // namespace
}  // namespace valence::rpc
