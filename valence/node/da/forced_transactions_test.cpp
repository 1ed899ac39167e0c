// What users post for themselves: when a block owes it, who may be replaced for leaving it out.
#include "valence/chain/testing/signed_transaction.hpp"
#include "valence/node/da/layer_fixture.hpp"

namespace valence::node {
namespace {

using namespace testing;

TEST_F(NodeLayer, AForcedTransactionIsInTheBlockThatOwesIt) {
    auto sequencer = member();
    const auto forced = dev.transfer(1, 0);
    force(sequencer, forced);
    const auto due = layer->head().value().height + kDelay;
    advance_to(due);
    sequencer.read();
    mine(sequencer);
    EXPECT_EQ(sequencer.chain().block(1)->block.transactions.size(), 1U) << "not due yet";
    advance(1);
    sequencer.read();
    ASSERT_TRUE(submit(*sequencer.node, dev.transfer(0, 0)));
    mine(sequencer);
    EXPECT_EQ(sequencer.reference(2).height, due);
    EXPECT_TRUE(begins_with(sequencer, 2, forced.hash));
    EXPECT_EQ(sequencer.chain().block(2)->block.transactions.size(), 3U);
    post_blocks(sequencer, 1, 2);
    auto full = member();
    full.read();
    EXPECT_EQ(full.head_hash(), sequencer.head_hash());
}

/// Whoever has nothing can state as much gas as he likes.
TEST_F(NodeLayer, TransactionsThatNobodyPaysForTakeNoRoomFromOthers) {
    auto sequencer = member();
    const auto gas = chain::most_forced_gas(*rules.system->layer);
    std::vector<da::Blob> flood;
    const auto name = derive::forced_namespace(*sequencer.chain().block_hash(0));
    for (std::uint8_t i = 1; i <= 100; ++i) {
        Hash key;
        key[0] = i;
        flood.push_back({name,
                         0,
                         derive::encode_forced(
                             rules.chain_id, chain::testing::signed_transaction(
                                                 key, 0, [&](chain::Transaction& t) { t.gas_limit = gas; })),
                         {}});
    }
    layer_seconds += 6;
    ASSERT_TRUE(layer->submit(flood));
    const auto forced = dev.transfer(1, 0);
    force(sequencer, forced);
    const auto due = layer->head().value().height + kDelay;
    advance_to(due + LayerRecord::kBehind);
    sequencer.read();
    mine(sequencer);
    EXPECT_EQ(sequencer.reference(1).height, due);
    EXPECT_TRUE(begins_with(sequencer, 1, forced.hash));
    post_blocks(sequencer, 1, 1);
    auto full = member();
    full.read();
    EXPECT_EQ(full.head_hash(), sequencer.head_hash());
    EXPECT_TRUE(full.findings.empty());
}

TEST_F(NodeLayer, ASequencerTakesForcedTransactionsLongBefore) {
    auto sequencer = member(Role::sequences);
    const auto forced = dev.transfer(1, 0);
    force(sequencer, forced);
    sequencer.read();
    mine(sequencer);
    EXPECT_TRUE(begins_with(sequencer, 1, forced.hash));
    // When it is due it can be in no block any more, and is owed by none.
    advance(kDelay + 1);
    sequencer.read();
    mine(sequencer);
    EXPECT_EQ(sequencer.chain().block(2)->block.transactions.size(), 1U);
    post_blocks(sequencer, 1, 2);
    auto full = member();
    full.read();
    EXPECT_EQ(full.head_hash(), sequencer.head_hash());
    sequencer.read();
    EXPECT_EQ(sequencer.chain().safe_number(), 2U);
}

TEST_F(NodeLayer, ASequencerThatCensorsIsRefusedAndReplaced) {
    auto censor = this->censor();
    auto full = member();
    const auto forced = dev.transfer(1, 0);
    force(full, forced);
    advance(kDelay + 1);
    show_headers(censor);
    ASSERT_TRUE(submit(*censor.node, dev.transfer(0, 0)));
    mine(censor);
    full.read();
    // From the feed,
    EXPECT_EQ(import(*full.node, *censor.chain().block(1)).error(),
              Error{ChainError::forced_transaction_missing});
    // and from the layer.
    post_blocks(censor, 1, 1);
    full.read();
    EXPECT_EQ(full.chain().head_number(), 0U);
    EXPECT_EQ(full.kinds(), std::vector{FindingKind::invalid_block});
    EXPECT_NE(full.findings[0].text.find("forced"), std::string::npos);
    advance_to(start() + kWindow);
    full.read();
    ASSERT_EQ(full.chain().head_number(), 1U);
    EXPECT_TRUE(begins_with(full, 1, forced.hash));
    EXPECT_EQ(full.deriver->status().fallbacks, 1U);
}

TEST_F(NodeLayer, WhatWasTakenFromAFeedUnseenIsCheckedWhenItIsDerived) {
    auto censor = this->censor();
    auto full = member();
    force(full, dev.transfer(1, 0));
    advance(kDelay + 1);
    show_headers(censor);
    mine(censor);
    // It has not read the layer yet.
    ASSERT_TRUE(import(*full.node, *censor.chain().block(1)));
    post_blocks(censor, 1, 1);
    full.read();
    EXPECT_EQ(full.kinds(), std::vector{FindingKind::invalid_block});
    EXPECT_EQ(full.chain().safe_number(), 0U);
    advance_to(start() + kWindow);
    full.read();
    EXPECT_EQ(full.chain().safe_number(), 1U);
    EXPECT_NE(full.head_hash(), censor.head_hash());
}

/// What somebody waits for in the Scheduler is kept from others in the block: not from what the block owes.
TEST_F(NodeLayer, AForcedTransactionDoesNotWaitForADelivery) {
    auto config = layer_config();
    config.jobs = std::make_shared<Silent>();
    auto sequencer = member(Role::reads, config);
    ASSERT_TRUE(submit(*sequencer.node, request(0, 0, 7, 1'000)));
    mine(sequencer);
    mine(sequencer);
    // The same job.
    const auto forced = asking(2, 0, 7);
    force(sequencer, forced);
    advance(kDelay + 1);
    sequencer.read();
    mine(sequencer);
    EXPECT_TRUE(sequencer.chain().locate(forced.hash));
    post_blocks(sequencer, 1, 3);
    auto full = member();
    full.read();
    EXPECT_EQ(full.head_hash(), sequencer.head_hash());
    EXPECT_TRUE(full.findings.empty());
}

}  // namespace
}  // namespace valence::node
