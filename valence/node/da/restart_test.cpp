// What a node that reads the layer remembers over a restart, and from where it reads again.
#include "valence/da/layer/layer_between.hpp"
#include "valence/node/da/layer_fixture.hpp"

namespace valence::node {
namespace {

using namespace testing;

TEST_F(NodeLayer, ARestartComesToTheSame) {
    const TestFolder folder;
    auto config = layer_config();
    config.folder = folder.path();
    auto sequencer = member();
    advance(3);
    sequencer.read();
    add_transfers(sequencer, 2);
    Hash before;
    {
        auto full = member(Role::reads, config);
        post_blocks(sequencer, 1, 2);
        advance_to(sequencer.reference(2).height + kWindow);
        full.read();
        EXPECT_EQ(full.chain().head_number(), 3U);
        before = full.head_hash();
    }
    auto again = member(Role::reads, config);
    EXPECT_EQ(again.head_hash(), before);
    again.read();
    EXPECT_EQ(again.head_hash(), before);
    EXPECT_EQ(again.chain().safe_number(), 3U);
    EXPECT_EQ(again.kinds(), std::vector{FindingKind::fallback});
}

TEST_F(NodeLayer, WhatWasDerivedNeedsNoStateToBeDerivedAgain) {
    const TestFolder folder;
    auto config = layer_config();
    config.folder = folder.path();
    config.history_depth = 2;
    auto sequencer = member();
    force(sequencer, dev.transfer(1, 0));
    advance(kDelay + 1);
    sequencer.read();
    add_transfers(sequencer, 1);
    post_blocks(sequencer, 1, 1);
    Hash before;
    {
        auto full = member(Role::reads, config);
        advance_to(sequencer.reference(1).height + 10 * kWindow);
        full.read();
        ASSERT_EQ(full.chain().head_number(), 11U);
        before = full.head_hash();
        for (int i = 0; i < 10'000 && full.chain().state_at(1); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        ASSERT_FALSE(full.chain().state_at(1)) << "its history is not kept";
    }
    auto again = member(Role::reads, config);
    again.read();
    EXPECT_EQ(again.head_hash(), before);
    EXPECT_EQ(again.chain().safe_number(), 11U);
    EXPECT_EQ(again.deriver->status().fallbacks, 10U);
}

class Checkpoints : public NodeLayer {
protected:
    /// What it was asked for.
    class CountingLayer final : public da::LayerBetween {
    public:
        using LayerBetween::LayerBetween;
        Result<std::vector<da::LayerBlob>> blobs(std::uint64_t height, const da::Namespace& name) override {
            lowest = std::min(lowest, height);
            return behind_.blobs(height, name);
        }
        std::uint64_t lowest = std::numeric_limits<std::uint64_t>::max();
    };
    Member at(CountingLayer& between) {
        Member made;
        auto config = layer_config();
        config.folder = folder.path();
        made.record = std::make_shared<LayerRecord>(rules);
        config.layer = made.record;
        made.node = DevChain::open(std::move(config));
        made.deriver = Deriver::create(*made.node, between, {{}, made.record, Role::reads, 8}).value();
        return made;
    }
    const TestFolder folder;
};

TEST_F(Checkpoints, ARestartReadsWhatIsNewAndComesToTheSame) {
    auto sequencer = member();
    force(sequencer, dev.transfer(1, 0));
    CountingLayer first(*layer);
    std::uint64_t read_up_to = 0;
    {
        auto full = at(first);
        sequencer.read();
        mine(sequencer);
        post_blocks(sequencer, 1, 1);
        advance(20);
        full.read();
        EXPECT_EQ(full.chain().safe_number(), 1U);
        read_up_to = full.deriver->status().height;
    }
    EXPECT_EQ(first.lowest, start() + 1);
    // What is due is in the checkpoint, and so is what comes next.
    sequencer.read();
    force(sequencer, dev.transfer(1, 1));
    advance(kDelay + 1);
    sequencer.read();
    mine(sequencer);
    mine(sequencer);
    post_blocks(sequencer, 2, 3);
    CountingLayer second(*layer);
    auto full = at(second);
    EXPECT_EQ(full.chain().safe_number(), 1U) << "at once";
    full.read();
    EXPECT_GT(second.lowest, read_up_to - 8);
    EXPECT_EQ(full.head_hash(), sequencer.head_hash());
    EXPECT_EQ(full.chain().safe_number(), 3U);
    EXPECT_TRUE(full.findings.empty());
}

TEST_F(Checkpoints, OneThatDoesNotFitIsNotUsed) {
    auto sequencer = member();
    mine(sequencer);
    post_blocks(sequencer, 1, 1);
    advance(20);
    {
        CountingLayer between(*layer);
        auto full = at(between);
        full.read();
    }
    // Of another layer, of another chain, and no checkpoint at all.
    const auto damage = [&](const std::function<void(Bytes&)>& change) {
        {
            CountingLayer between(*layer);
            auto full = at(between);
            auto bytes = *full.node->block_places().checkpoint();
            change(bytes);
            ASSERT_TRUE(full.node->block_places().put_checkpoint(bytes));
        }
        CountingLayer between(*layer);
        auto full = at(between);
        full.read();
        EXPECT_EQ(between.lowest, start() + 1);
        EXPECT_EQ(full.chain().safe_number(), 1U);
        EXPECT_EQ(full.head_hash(), sequencer.head_hash());
    };
    damage([](Bytes& bytes) { bytes.clear(); });
    const auto newest = layer->header(start() + 16).value().hash();
    damage([&](Bytes& bytes) {
        const auto place = std::ranges::search(bytes, newest);
        ASSERT_FALSE(place.empty());
        place.begin()[3] ^= 1;
    });
    damage([&](Bytes& bytes) {
        const auto place = std::ranges::search(bytes, *sequencer.chain().block_hash(1));
        ASSERT_FALSE(place.empty());
        place.begin()[3] ^= 1;
    });
}

}  // namespace
}  // namespace valence::node
