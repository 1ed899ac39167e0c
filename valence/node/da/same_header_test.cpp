// A block's hash is its header's: whoever signs batches can post a right header with anything behind it. Who
// has the block already must decide as who sees it first.
#include "valence/chain/beacon.hpp"
#include "valence/node/da/layer_fixture.hpp"

namespace valence::node {
namespace {

using namespace testing;

class SameHeader : public NodeLayer {
protected:
    static std::vector<da::Blob> blobs_of(const Member& from, const derive::BatchBlock& block) {
        const auto genesis_hash = *from.chain().block_hash(0);
        const auto batch = derive::encode_blocks(std::span{&block, 1}).value();
        const auto number = block.block.header.number;
        const auto head = derive::head_of(batch, derive::BatchKind::blocks, number, number);
        std::vector<da::Blob> blobs;
        for (auto& piece : derive::cut(batch, head, genesis_hash, chain::development_beacon_key()))
            blobs.push_back({derive::chain_namespace(genesis_hash), 0, std::move(piece), {}});
        return blobs;
    }
    void post_together(const Member& from, std::initializer_list<derive::BatchBlock> versions) {
        std::vector<da::Blob> blobs;
        for (const auto& version : versions)
            for (auto& blob : blobs_of(from, version))
                blobs.push_back(std::move(blob));
        layer_seconds += 6;
        ASSERT_TRUE(layer->submit(blobs));
    }
    /// Block 1, with a transfer.
    Member sequencer_of_one() {
        auto made = member();
        advance(3);
        made.read();
        add_transfers(made, 1);
        return made;
    }
};

TEST_F(SameHeader, WithOtherContentItIsNobodysBlock) {
    const auto sequencer = sequencer_of_one();
    const auto right = content(*sequencer.node, 1);
    auto other_reference = right;
    other_reference.block.transactions[0] =
        chain::da_info_transaction(right.block.header, rules.system->layer->start).transaction;
    auto no_transfer = right;
    no_transfer.block.transactions.pop_back();
    auto no_beacon = right;
    no_beacon.supplement.beacon.reset();
    auto an_outcome = right;
    an_outcome.supplement.outcomes.push_back(
        {{{}, Mode::replay, {}, {256, 0}, {}}, {{512}, {}, outcome::ReplayEvidence{}}});
    auto fresh = member();
    auto fed = member();
    ASSERT_TRUE(import(*fed.node, *sequencer.chain().block(1)));
    for (const auto& wrong : {other_reference, no_transfer, no_beacon, an_outcome}) {
        post_together(sequencer, {wrong});
        for (auto* one : {&fresh, &fed}) {
            one->read();
            EXPECT_EQ(one->kinds(), std::vector{FindingKind::invalid_block});
            EXPECT_EQ(one->chain().safe_number(), 0U);
            one->findings.clear();
        }
    }
    post_together(sequencer, {right});
    for (auto* one : {&fresh, &fed}) {
        one->read();
        EXPECT_EQ(one->chain().safe_number(), 1U);
        EXPECT_EQ(one->head_hash(), sequencer.head_hash());
    }
}

TEST_F(SameHeader, ARestartDoesNotTakeOtherContentForWhatWasDerived) {
    const auto sequencer = sequencer_of_one();
    const auto right = content(*sequencer.node, 1);
    auto wrong = right;
    wrong.block.transactions[0] =
        chain::da_info_transaction(right.block.header, rules.system->layer->start).transaction;
    post_together(sequencer, {wrong, right});
    const TestFolder folder;
    auto config = layer_config();
    config.folder = folder.path();
    for (int start = 0; start < 2; ++start) {
        auto full = member(Role::reads, config);
        full.read();
        EXPECT_EQ(full.kinds(), std::vector{FindingKind::invalid_block});
        EXPECT_EQ(full.chain().safe_number(), 1U);
        EXPECT_EQ(full.deriver->derivation().reference(), sequencer.reference(1));
    }
}

/// A feed's block without a beacon counts as a fallback block until it is derived.
TEST_F(SameHeader, WhatAFeedCallsAFallbackBlockCannotBePosted) {
    auto sequencer = member();
    advance(3);
    sequencer.read();
    mine(sequencer);
    auto false_fallback = content(*sequencer.node, 1);
    auto& header = false_fallback.block.header;
    const auto reference = sequencer.reference(1);
    header.mix_hash = chain::fallback_mix(reference.hash);
    header.coinbase = {};
    header.timestamp = std::max(sequencer.chain().block(0)->block.header.timestamp, reference.time);
    false_fallback.supplement.beacon.reset();
    auto fresh = member();
    auto fed = member();
    ASSERT_TRUE(fed.node->import_block(false_fallback.block, false_fallback.supplement));
    ASSERT_EQ(fed.chain().head_number(), 1U);
    post_together(sequencer, {false_fallback});
    for (auto* one : {&fresh, &fed}) {
        one->read();
        EXPECT_EQ(one->kinds(), std::vector{FindingKind::invalid_block});
        EXPECT_EQ(one->chain().safe_number(), 0U);
    }
}

}  // namespace
}  // namespace valence::node
