#include "valence/chain/block_fees.hpp"

#include <gtest/gtest.h>

namespace valence::chain {
namespace {

using evm::Revision;

Header parent_with(std::uint64_t gas_used) {
    Header h;
    h.gas_limit = 20'000'000;
    h.gas_used = gas_used;
    h.base_fee = 1'000'000'000;
    return h;
}

// The cases of EIP-1559's own tests.
TEST(BlockFees, BaseFeeMovesByUpToAnEighth) {
    const auto rules = rules_of_revision(Revision::london);
    EXPECT_EQ(next_base_fee(rules, parent_with(10'000'000)), U256{1'000'000'000});
    EXPECT_EQ(next_base_fee(rules, parent_with(9'000'000)), U256{987'500'000});
    EXPECT_EQ(next_base_fee(rules, parent_with(11'000'000)), U256{1'012'500'000});
    EXPECT_EQ(next_base_fee(rules, parent_with(20'000'000)), U256{1'125'000'000});
    EXPECT_EQ(next_base_fee(rules, parent_with(0)), U256{875'000'000});
    EXPECT_EQ(next_base_fee(rules, Header{}), rules.initial_base_fee);
}

TEST(BlockFees, OurBaseFeeHasAFloor) {
    auto parent = parent_with(0);
    parent.base_fee = 1'000'000;
    EXPECT_EQ(next_base_fee(valence_rules(), parent), U256{1'000'000});
}

// EIP-4844's example values.
TEST(BlockFees, BlobFeeIsExponentialInTheExcess) {
    const BlobParameters cancun{3, 6, 3'338'477};
    EXPECT_EQ(blob_base_fee(0, cancun), U256{1});
    EXPECT_EQ(blob_base_fee(2'314'057, cancun), U256{1});
    EXPECT_EQ(blob_base_fee(2'314'058, cancun), U256{2});
    EXPECT_EQ(blob_base_fee(10 << 20, cancun), U256{23});
    EXPECT_EQ(blob_base_fee(~0ULL, {1, 1, 1}), U256::max());
}

TEST(BlockFees, ExcessBlobGasCountsWhatIsAboveTheTarget) {
    const auto rules = rules_of_revision(Revision::cancun);
    Header parent;
    parent.blob_gas_used = 6 * kGasPerBlob;
    parent.excess_blob_gas = 0;
    EXPECT_EQ(next_excess_blob_gas(rules, parent, 0), 3 * kGasPerBlob);
    parent.blob_gas_used = 0;
    EXPECT_EQ(next_excess_blob_gas(rules, parent, 0), 0u);
}

// EIP-7918: blobs cheaper than the execution they stand for.
TEST(BlockFees, ReservePriceKeepsTheExcessFromFalling) {
    const auto rules = rules_of_revision(Revision::osaka);
    Header parent;
    parent.base_fee = 1'000'000'000;
    parent.blob_gas_used = 6 * kGasPerBlob;
    parent.excess_blob_gas = 0;
    EXPECT_EQ(next_excess_blob_gas(rules, parent, 0), 6 * kGasPerBlob * 3 / 9);
    parent.base_fee = 1;
    EXPECT_EQ(next_excess_blob_gas(rules, parent, 0), 0u);
}

TEST(BlockFees, DifficultyNeverFallsBelowTheMinimum) {
    const auto rules = rules_of_revision(Revision::homestead);
    Header parent;
    parent.difficulty = kMinimumDifficulty;
    EXPECT_EQ(next_difficulty(rules, parent, 5'000), U256{kMinimumDifficulty});
    EXPECT_EQ(next_difficulty(rules, parent, 1), U256{kMinimumDifficulty + kMinimumDifficulty / 2'048});
}

}  // namespace
}  // namespace valence::chain
