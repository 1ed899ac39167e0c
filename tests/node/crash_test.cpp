// A node that is killed at any instant loses no block it has answered for: SIGKILL in a loop, under load.
#include <random>

#include "tests/node/dev_process.hpp"
#include <gtest/gtest.h>

#include "valence/base/testing/test_folder.hpp"
#include "valence/chain/testing/signed_transaction.hpp"
#include "valence/node/dev_accounts.hpp"
#include "valence/sequencer/pool_transaction.hpp"

namespace valence::tests {
namespace {

namespace json = boost::json;

constexpr std::size_t kRounds = 10;
constexpr std::size_t kBatch = 20;

class Load {
public:
    /// A batch of eth_sendRawTransaction calls: transfers from this nonce on.
    json::array batch(std::uint64_t nonce) const {
        json::array calls;
        for (std::uint64_t n = nonce; n < nonce + kBatch; ++n) {
            calls.push_back(json::object{{"jsonrpc", "2.0"},
                                         {"id", n},
                                         {"method", "eth_sendRawTransaction"},
                                         {"params", json::array{base::to_hex_prefixed(encoded(n))}}});
        }
        return calls;
    }
    std::string address() const { return base::to_hex_prefixed(account_.address); }

private:
    Bytes encoded(std::uint64_t nonce) const {
        return chain::testing::signed_transaction(account_.private_key, nonce, [](chain::Transaction& t) {
            t.to = base::address_from_number(0xdead);
        });
    }

    node::DevAccount account_ = node::derive_dev_accounts(node::kDevMnemonic, 1).value().front();
};

std::uint64_t number(const json::value& quantity) {
    const auto* text = quantity.if_string();
    return text == nullptr ? 0 : std::strtoull(text->c_str(), nullptr, 16);
}

/// Transaction hash to the hash of the block a receipt named.
using Acknowledged = std::map<std::string, std::string>;

/// Sends until the receipts of a number of batches came back.
void work(const DevProcess& node, const Load& load, std::size_t batches, Acknowledged& acknowledged) {
    auto nonce = number(node.call("eth_getTransactionCount", {load.address(), "latest"}));
    for (std::size_t i = 0; i < batches; ++i, nonce += kBatch) {
        const auto answer = node.post(load.batch(nonce));
        ASSERT_TRUE(answer.is_array()) << json::serialize(answer);
        for (const auto& one : answer.get_array()) {
            const auto* hash = one.get_object().if_contains("result");
            ASSERT_NE(hash, nullptr) << json::serialize(one);
            for (;;) {
                const auto receipt = node.call("eth_getTransactionReceipt", {*hash});
                if (!receipt.is_object()) continue;
                acknowledged[std::string(hash->get_string())] =
                    std::string(receipt.get_object().at("blockHash").get_string());
                break;
            }
        }
    }
    // More under way when the end comes.
    static_cast<void>(node.post(load.batch(nonce)));
}

void expect_all_there(const DevProcess& node, const Acknowledged& acknowledged) {
    for (const auto& [hash, block] : acknowledged) {
        const auto receipt = node.call("eth_getTransactionReceipt", {hash});
        ASSERT_TRUE(receipt.is_object()) << hash << " is lost";
        EXPECT_EQ(receipt.get_object().at("blockHash").get_string(), block);
    }
}

class CrashTest : public testing::TestWithParam<const char*> {};

TEST_P(CrashTest, killed_under_load_a_node_keeps_every_acknowledged_transaction) {
    const base::testing::TestFolder folder;
    std::vector<std::string> arguments{"--state", folder.path().string()};
    if (*GetParam() != '\0') arguments.insert(arguments.end(), {"--block-time", GetParam()});

    const Load load;
    std::mt19937 random(1);
    Acknowledged acknowledged;
    for (std::size_t round = 0; round < kRounds; ++round) {
        SCOPED_TRACE(round);
        DevProcess node(arguments);
        ASSERT_NE(node.port(), 0);
        expect_all_there(node, acknowledged);
        if (HasFatalFailure()) break;
        work(node, load, 1 + random() % 3, acknowledged);
        if (HasFatalFailure()) break;
        node.kill();
    }
    EXPECT_GE(acknowledged.size(), kRounds * kBatch);
    {
        DevProcess node(arguments);
        expect_all_there(node, acknowledged);
        EXPECT_EQ(node.terminate(), 0) << "a node asked to end does so cleanly";
    }
}

INSTANTIATE_TEST_SUITE_P(BlockTimes, CrashTest, testing::Values("", "20"), [](const auto& instance) {
    return *instance.param == '\0' ? "automine" : "interval";
});

}  // namespace
}  // namespace valence::tests
