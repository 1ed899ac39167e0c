// `valence model push` against a real node: the way of a model author, repeated, refused, and interrupted by
// kill -9 of the node.
#include <filesystem>
#include <fstream>
#include <functional>

#include "tests/node/dev_process.hpp"
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "valence/compute/testing/models.hpp"
#include "valence/crypto/keccak.hpp"
#include "valence/ml/model/verifying_key.hpp"

namespace valence::tests {
namespace {

namespace json = boost::json;
using compute::testing::TestFolder;

constexpr auto kInference = "0x00000000000000000000000000000000000000f4";
/// The dev chain's second account.
constexpr auto kKey = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
constexpr auto kKeyAddress = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

struct Run {
    int code = -1;
    std::string output;
};

/// The program with these arguments; what it wrote to both outputs. `seen` is shown that as it comes.
Run run(const std::string& arguments, const std::function<void(const std::string&)>& seen = {}) {
    Run run;
    const std::string command = std::string(VALENCE_PROGRAM) + " " + arguments + " 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    VALENCE_CHECK(pipe != nullptr);
    std::array<char, 4096> chunk{};
    for (ssize_t got = 0; (got = read(fileno(pipe), chunk.data(), chunk.size())) > 0;) {
        run.output.append(chunk.data(), static_cast<std::size_t>(got));
        if (seen) seen(run.output);
    }
    const int status = pclose(pipe);
    run.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return run;
}

std::string rpc_of(const DevProcess& node) {
    return " --rpc http://127.0.0.1:" + std::to_string(node.port());
}

std::string model_path() { return std::string(VALENCE_SOURCE_DIR) + "/models/volatility-mlp/model.onnx"; }

/// The word after "model ".
std::string id_in(const std::string& output) {
    const auto at = output.find("0x");
    return at == std::string::npos ? std::string() : output.substr(at, 66);
}

void write(const std::filesystem::path& path, const Bytes& bytes) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

TEST(Push, AModelIsUploadedRegisteredOpenedAndAnswers) {
    const DevProcess node({});
    ASSERT_NE(node.port(), 0);
    const auto pushed = run("model push " + model_path() + rpc_of(node) + " --name volatility --royalty 250");
    ASSERT_EQ(pushed.code, 0) << pushed.output;
    const auto id = id_in(pushed.output);
    const auto model = node.call("valence_model", {id});
    ASSERT_TRUE(model.is_object()) << pushed.output;
    EXPECT_NE(pushed.output.find("registered"), std::string::npos);
    EXPECT_NE(pushed.output.find("2.50 %"), std::string::npos);
    EXPECT_NE(pushed.output.find("cast call"), std::string::npos);

    // infer(bytes32,uint8,int256[]) under REPLAY, of zeros.
    std::uint64_t inputs = 1;
    for (const auto& extent : model.at("inputs").at(0).at("shape").as_array())
        inputs *= static_cast<std::uint64_t>(extent.to_number<std::int64_t>());
    const auto word = [](std::uint64_t value) { return base::to_hex(U256{value}.to_hash()); };
    const auto selector = crypto::keccak256(base::as_bytes("infer(bytes32,uint8,int256[])"));
    std::string data = base::to_hex_prefixed(BytesView{selector.bytes}.first(4)) + id.substr(2) + word(1) +
                       word(96) + word(inputs);
    for (std::uint64_t i = 0; i < inputs; ++i)
        data += word(0);
    const auto answer = node.call("eth_call", {json::object{{"to", kInference}, {"data", data}}, "latest"});
    ASSERT_TRUE(answer.is_string());
    EXPECT_GE(answer.as_string().size(), 2U + 3 * 64);
}

TEST(Push, PushingAgainChangesNothing) {
    const DevProcess node({});
    const auto first = run("model push " + model_path() + rpc_of(node));
    ASSERT_EQ(first.code, 0) << first.output;
    const auto blocks = node.call("eth_blockNumber", {});
    const auto second = run("model push " + model_path() + rpc_of(node));
    EXPECT_EQ(second.code, 0) << second.output;
    EXPECT_NE(second.output.find("before, by"), std::string::npos) << second.output;
    EXPECT_EQ(id_in(second.output), id_in(first.output));
    EXPECT_EQ(node.call("eth_blockNumber", {}), blocks);
}

TEST(Push, SignsWithAKeyOfItsOwn) {
    const DevProcess node({});
    const auto pushed =
        run("model push " + model_path() + rpc_of(node) + " --modes replay --private-key " + kKey);
    ASSERT_EQ(pushed.code, 0) << pushed.output;
    const auto again = run("model push " + model_path() + rpc_of(node));
    EXPECT_NE(again.output.find(std::string("before, by ") + kKeyAddress), std::string::npos) << again.output;
    EXPECT_NE(again.output.find("modes        REPLAY\n"), std::string::npos) << again.output;
}

TEST(Push, SaysWhatIsWrong) {
    const DevProcess node({});
    const auto refused = [&](const std::string& arguments, const std::string& why) {
        const auto pushed = run("model push " + arguments);
        EXPECT_NE(pushed.code, 0) << arguments;
        EXPECT_NE(pushed.output.find(why), std::string::npos) << pushed.output;
    };
    const TestFolder folder;
    const auto model = folder.path() / "model.vmodel";
    refused(model_path() + " --rpc https://127.0.0.1:1", "not a URL of the form http://host:port");
    refused(model_path() + " --rpc http://127.0.0.1:1", "the node cannot be reached");
    refused(model_path() + rpc_of(node) + " --modes nonsense", "no such mode");
    refused(model_path() + rpc_of(node) + " --private-key 0x12", "it is no private key");
    refused(model_path() + rpc_of(node) + " --name 'Upper Case'", "a name has up to 64 of");
    Bytes damaged = compute::testing::dense_model(2);
    damaged[damaged.size() - 200] ^= 1;
    write(model, damaged);
    refused(model.string() + rpc_of(node), "not a valid model");
}

TEST(Push, GoesOnAfterTheNodeWasKilled) {
    const TestFolder folder;
    const auto file = folder.path() / "large.vmodel";
    const Bytes bytes = compute::testing::dense_model(120);
    write(file, bytes);
    const auto state = (folder.path() / "state").string();
    for (const auto* progress : {"  20 %", "  40 %", "  70 %"}) {
        DevProcess node({"--state", state});
        ASSERT_NE(node.port(), 0);
        const auto pushed =
            run("model push --only-upload " + file.string() + rpc_of(node), [&](const std::string& output) {
                if (output.find(progress) != std::string::npos) node.kill();
            });
        EXPECT_NE(pushed.code, 0);
        EXPECT_NE(pushed.output.find("the node cannot be reached"), std::string::npos) << pushed.output;
    }
    const DevProcess node({"--state", state});
    const auto pushed = run("model push --only-upload " + file.string() + rpc_of(node));
    ASSERT_EQ(pushed.code, 0) << pushed.output;
    const auto id = ml::model_id(ml::decode_model(bytes).value());
    EXPECT_EQ(id_in(pushed.output), base::to_hex_prefixed(id));
    EXPECT_EQ(pushed.output.find("  20 %"), std::string::npos) << "what was sent before is not sent again";
    EXPECT_TRUE(node.call("valence_model", {base::to_hex_prefixed(id)}).is_object());
}

}  // namespace
}  // namespace valence::tests
