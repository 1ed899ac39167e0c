#include "valence/chain/genesis.hpp"

#include <gtest/gtest.h>

#include "valence/state/memory_state.hpp"

namespace valence::chain {
namespace {

constexpr std::string_view kFile = R"({
  "config": {"chainId": 7, "homesteadBlock": 0, "eip150Block": 0, "eip158Block": 0, "byzantiumBlock": 0,
             "constantinopleBlock": 2, "istanbulBlock": 3, "berlinBlock": 4, "londonBlock": 5,
             "terminalTotalDifficulty": "0x100", "shanghaiTime": 100, "cancunTime": 200,
             "blobSchedule": {"cancun": {"target": 1, "max": 2, "baseFeeUpdateFraction": 3}}, "ethash": {}},
  "gasLimit": "0x1000", "difficulty": "17",
  "alloc": {"0x00000000000000000000000000000000000000aa": {"balance": "1000", "storage": {"0x01": "0x02"}}}
})";

TEST(Genesis, ForksFollowTheFilesSchedule) {
    const auto genesis = parse_genesis(kFile).value();
    const auto& rules = genesis.rules;
    EXPECT_EQ(rules.chain_id, 7u);
    EXPECT_EQ(rules.revision(1, 0, Consensus::proof_of_work), evm::Revision::byzantium);
    EXPECT_EQ(rules.revision(2, 0, Consensus::proof_of_work), evm::Revision::petersburg);
    EXPECT_EQ(rules.revision(9, 500, Consensus::proof_of_work), evm::Revision::london);
    EXPECT_EQ(rules.revision(9, 99, Consensus::merged), evm::Revision::paris);
    EXPECT_EQ(rules.revision(9, 100, Consensus::merged), evm::Revision::shanghai);
    EXPECT_EQ(rules.blobs_at(9, 199), std::nullopt);
    EXPECT_EQ(rules.blobs_at(9, 200), (BlobParameters{1, 2, 3}));
}

TEST(Genesis, AccountsBecomeTheState) {
    const auto genesis = parse_genesis(kFile).value();
    state::MemoryState state;
    state.apply(genesis_changes(genesis));
    const auto address = base::address_from_number(0xaa);
    EXPECT_EQ(state.account(address)->balance, U256{1000});
    EXPECT_EQ(state.storage(address, 1), U256{2});
    const auto block = genesis_block(genesis, state.root());
    EXPECT_EQ(block.header.gas_limit, 0x1000u);
    EXPECT_EQ(block.header.difficulty, U256{17});
    EXPECT_FALSE(block.header.base_fee.has_value());
}

TEST(Genesis, MalformedFilesNameTheKey) {
    for (const auto* text : {"", "[]", "{}", R"({"config":{}})", R"({"config":{"chainId":"x"},"alloc":{}})",
                             R"({"config":{},"alloc":{"0x12":{}}})"}) {
        const auto result = parse_genesis(text);
        ASSERT_FALSE(result.has_value()) << text;
        EXPECT_EQ(result.error(), Error{ChainError::genesis_malformed}) << text;
    }
}

TEST(Genesis, ValenceObjectSelectsOurRules) {
    const auto beacon_key = base::to_hex_prefixed(*valence_rules().beacon_key);
    const auto genesis =
        parse_genesis(R"({"config":{"chainId":1986,"valence":{"minBaseFee":"7","beaconKey":")" + beacon_key +
                      R"("}},"alloc":{}})")
            .value();
    EXPECT_EQ(genesis.rules.min_base_fee, U256{7});
    EXPECT_EQ(genesis.rules.blob_transactions, BlobTransactions::refused);
}

}  // namespace
}  // namespace valence::chain
