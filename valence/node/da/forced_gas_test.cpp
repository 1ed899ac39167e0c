// How much room forced transactions find in a block, and what is left over for the next one.
#include <fmt/format.h>

#include "valence/chain/testing/signed_transaction.hpp"
#include "valence/node/da/layer_fixture.hpp"

namespace valence::node {
namespace {

using namespace testing;

/// Uses all of its gas.
class ForcedGas : public NodeLayer {
protected:
    sequencer::PoolTransaction burning(std::uint64_t nonce) const {
        return dev.transaction(1, nonce, [&](chain::Transaction& t) {
            t.to.reset();
            t.value = 0;
            t.gas_limit = chain::most_forced_gas(*rules.system->layer);
            t.data = *base::from_hex("0x5b5f56");
        });
    }
    /// Three in one height of the layer: when they are due.
    std::uint64_t force_three(const Member& at) {
        std::vector<da::Blob> blobs;
        for (std::uint64_t nonce = 0; nonce < 3; ++nonce)
            blobs.push_back({derive::forced_namespace(*at.chain().block_hash(0)),
                             0,
                             derive::encode_forced(rules.chain_id, burning(nonce).encoded),
                             {}});
        layer_seconds += 6;
        EXPECT_TRUE(layer->submit(blobs));
        return layer->head().value().height + kDelay;
    }
};

TEST_F(ForcedGas, WhatFindsNoRoomIsOwedByTheNextBlock) {
    auto sequencer = member();
    const auto due = force_three(sequencer);
    advance_to(due + 5);
    sequencer.read();
    for (std::uint64_t number = 1; number <= 3; ++number) {
        mine(sequencer);
        EXPECT_TRUE(begins_with(sequencer, number, burning(number - 1).hash));
        EXPECT_EQ(sequencer.chain().block(number)->block.transactions.size(), 2U);
    }
    // No further as long as something is left over.
    EXPECT_EQ(sequencer.reference(1).height, due);
    EXPECT_EQ(sequencer.reference(2).height, due);
    EXPECT_GT(sequencer.reference(3).height, due);
    post_blocks(sequencer, 1, 3);
    auto full = member();
    full.read();
    EXPECT_EQ(full.head_hash(), sequencer.head_hash());
    EXPECT_EQ(full.chain().safe_number(), 3U);
}

TEST_F(ForcedGas, ABlockThatGoesOnWithoutWhatIsLeftOverIsRefused) {
    auto sequencer = member();
    const auto due = force_three(sequencer);
    advance_to(due + 5);
    // Knows of the first only.
    auto censor = this->censor();
    for (auto height = censor.record->newest() + 1; height <= layer->head().value().height; ++height) {
        const auto header = layer->header(height).value();
        std::vector<chain::ForcedTransaction> known;
        if (height + kDelay == due) known.push_back({burning(0).transaction, dev.accounts[1].address, due});
        censor.record->take({height, header.hash(), header.seconds()}, known);
    }
    mine(censor);
    ASSERT_GT(censor.reference(1).height, due);
    post_blocks(censor, 1, 1);
    auto full = member();
    full.read();
    EXPECT_EQ(full.chain().safe_number(), 0U);
    ASSERT_EQ(full.kinds(), std::vector{FindingKind::invalid_block});
    EXPECT_NE(full.findings[0].text.find("left over"), std::string::npos) << full.findings[0].text;
}

TEST_F(ForcedGas, FallbackBlocksFollowEachOtherUntilNothingIsLeftOver) {
    auto one = member();
    const auto due = force_three(one);
    advance_to(start() + kWindow);
    one.read();
    ASSERT_EQ(one.chain().head_number(), 1U);
    EXPECT_EQ(one.reference(1).height, due);
    advance_to(due + kWindow);
    one.read();
    ASSERT_EQ(one.chain().head_number(), 3U);
    for (std::uint64_t number = 1; number <= 3; ++number)
        EXPECT_TRUE(begins_with(one, number, burning(number - 1).hash));
    auto other = member();
    other.read();
    EXPECT_EQ(other.head_hash(), one.head_hash());
    EXPECT_EQ(other.chain().safe_number(), 3U);
}

/// Each would otherwise make everybody execute all of it once more, for every height of the window.
TEST_F(ForcedGas, WhatUsesGasByTheTimeIsGivenFewRuns) {
    auto one = member();
    const auto newest = layer->head().value();
    const auto time_of = [&](std::uint64_t height) {
        return static_cast<std::uint32_t>(layer->header(newest.height).value().seconds() +
                                          6 * (height - newest.height));
    };
    const auto due = newest.height + 1 + kDelay;
    const auto deadline = start() + kWindow;
    // The seventh uses its gas in a block that refers to the deadline, the sixth in one that refers to when
    // the eighth is due.
    for (std::uint64_t i = 0; i < 8; ++i) {
        const auto time = i == 6 ? time_of(deadline) : i == 5 ? time_of(due + 7) : 0;
        // if (block.timestamp == time) while (true) {}
        const auto code = fmt::format("4263{:08x}14600b57005b600b56", time);
        force(one, dev.transaction(1, i, [&](chain::Transaction& t) {
            t.to.reset();
            t.value = 0;
            t.gas_limit = chain::most_forced_gas(*rules.system->layer);
            t.data = *base::from_hex("0x" + code);
        }));
    }
    advance_to(deadline);
    one.read();
    ASSERT_EQ(one.chain().head_number(), 1U);
    EXPECT_EQ(one.reference(1).height, due + 3) << "half of what was due up to the second run's height";
    EXPECT_EQ(one.chain().block(1)->block.transactions.size(), 5U);
    auto other = member();
    other.read();
    EXPECT_EQ(other.head_hash(), one.head_hash());
    EXPECT_TRUE(other.kinds() == std::vector{FindingKind::fallback});
}

/// It may refer no further, and would be too old otherwise.
TEST_F(ForcedGas, WhatIsLeftOverDoesNotKeepASequencerOut) {
    auto sequencer = member();
    const auto due = force_three(sequencer);
    advance_to(start() + kWindow);
    sequencer.read();
    ASSERT_EQ(sequencer.chain().head_number(), 1U);
    ASSERT_GT(layer->head().value().height, due + kMaxLag);
    mine(sequencer);
    EXPECT_EQ(sequencer.reference(2).height, due);
    post_blocks(sequencer, 2, 2);
    sequencer.read();
    mine(sequencer);
    post_blocks(sequencer, 3, 3);
    auto full = member();
    full.read();
    EXPECT_EQ(full.kinds(), std::vector{FindingKind::fallback});
    EXPECT_EQ(full.chain().safe_number(), 3U);
    EXPECT_EQ(full.head_hash(), sequencer.head_hash());
}

}  // namespace
}  // namespace valence::node
