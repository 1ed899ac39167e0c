// Chains whose genesis names a data-availability layer: what they refer to, what they owe, who has the last
// word.
#include <future>

#include "valence/chain/testing/signed_transaction.hpp"
#include "valence/da/layer/layer_between.hpp"
#include "valence/node/da/layer_fixture.hpp"
#include "valence/node/da/layer_follower.hpp"

namespace valence::node {
namespace {

using namespace testing;

TEST_F(NodeLayer, BlocksReferToItAndAreDerivedFromIt) {
    auto sequencer = member();
    advance(3);
    sequencer.read();
    add_transfers(sequencer, 2);
    const auto newest = layer->head().value();
    EXPECT_EQ(sequencer.reference(2).height, newest.height - LayerRecord::kBehind);
    EXPECT_EQ(sequencer.reference(2).hash, layer->header(newest.height - 1).value().hash());
    EXPECT_EQ(sequencer.chain().safe_number(), 0U);
    post_blocks(sequencer, 1, 2);

    auto full = member();
    full.read();
    EXPECT_EQ(full.head_hash(), sequencer.head_hash());
    EXPECT_EQ(full.chain().safe_number(), 2U);
    EXPECT_EQ(full.chain().finalized_number(), 2U);
    sequencer.read();
    EXPECT_EQ(sequencer.chain().safe_number(), 2U);
    EXPECT_TRUE(sequencer.findings.empty());
}

TEST_F(NodeLayer, ANodeThatCannotAskTheLayerSaysNothingOfSafety) {
    auto sequencer = member();
    add_transfers(sequencer, 1);
    const auto blind = DevChain::open(layer_config());
    ASSERT_TRUE(import(*blind, *sequencer.chain().block(1)));
    EXPECT_EQ(blind->chain().head_number(), 1U);
    EXPECT_FALSE(blind->chain().safe_number());
    EXPECT_FALSE(blind->chain().finalized_number());
    EXPECT_EQ(blind->mine().error(), Error{ChainError::da_header_unknown});
}

TEST_F(NodeLayer, ASequencerWaitsUntilTheLayerIsRead) {
    const TestFolder folder;
    auto config = layer_config();
    config.folder = folder.path();
    {
        auto sequencer = member(Role::sequences, config);
        advance(3);
        sequencer.read();
        mine(sequencer);
    }
    auto again = member(Role::sequences, config);
    EXPECT_EQ(again.node->mine().error(), Error{ChainError::da_header_unknown});
    again.read();
    mine(again);
    EXPECT_EQ(again.chain().head_number(), 2U);
}

TEST_F(NodeLayer, AForeignReferenceIsRefusedAsSoonAsItIsSeen) {
    auto sequencer = member();
    advance(3);
    sequencer.read();
    mine(sequencer);
    auto full = member();
    full.read();
    auto forged = content(*sequencer.node, 1);
    auto reference = sequencer.reference(1);
    reference.hash[4] ^= 1;
    forged.block.transactions[0] = chain::da_info_transaction(forged.block.header, reference).transaction;
    EXPECT_EQ(full.node->import_block(forged.block, forged.supplement).error(),
              Error{ChainError::da_header_wrong});
    EXPECT_TRUE(import(*full.node, *sequencer.chain().block(1)));
}

TEST_F(NodeLayer, WhereTheLayerStandsStillTimeDoes) {
    auto sequencer = member();
    dev.clock->advance(std::chrono::hours{1});
    mine(sequencer);
    EXPECT_EQ(sequencer.chain().head().block->block.header.timestamp, sequencer.reference(1).time + kDrift);
}

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

TEST_F(NodeLayer, WithoutASequencerEverybodyDerivesTheSameFallbackBlocks) {
    auto one = member();
    // A plain transfer, and an inference that is computed by whoever derives the block.
    force(one, dev.transfer(1, 0));
    force(one, asking(2, 0, 7));
    advance_to(start() + kWindow);
    one.read();
    ASSERT_EQ(one.chain().head_number(), 1U);
    const auto block = one.chain().block(1);
    EXPECT_EQ(block->block.transactions.size(), 3U);
    ASSERT_EQ(block->outcomes.size(), 1U);
    EXPECT_TRUE(block->outcomes[0].outcome.is_available());
    EXPECT_TRUE(block->receipts.back().succeeded);
    EXPECT_FALSE(block->beacon);
    advance(kWindow);
    one.read();
    EXPECT_EQ(one.chain().head_number(), 2U);
    EXPECT_EQ(one.chain().safe_number(), 2U);

    auto other = member();
    other.read();
    EXPECT_EQ(other.head_hash(), one.head_hash());
    // Whoever cannot ask the layer can still execute it.
    const auto blind = DevChain::open(layer_config());
    ASSERT_TRUE(import(*blind, *one.chain().block(1)));
    ASSERT_TRUE(import(*blind, *one.chain().block(2)));
    EXPECT_EQ(blind->chain().head().block->hash, one.head_hash());
    // It may come from a feed first.
    auto fed = member();
    ASSERT_TRUE(import(*fed.node, *one.chain().block(1)));
    fed.read();
    EXPECT_EQ(fed.head_hash(), one.head_hash());
}

TEST_F(NodeLayer, OtherOutcomesThanReplayAreNotAvailableInAFallback) {
    auto one = member();
    const auto asks_signed = dev.transaction(1, 0, [&](chain::Transaction& t) {
        t.to = chain::kInferenceAddress;
        t.value = 0;
        t.gas_limit = 500'000;
        t.data = encode_call(
            "inferSigned(bytes32,address,int256[])",
            Items{id_value(tiny), U256::from_address(dev.accounts[3].address), Items{U256{kWad}, U256{}}});
    });
    force(one, asks_signed);
    advance_to(start() + kWindow);
    one.read();
    ASSERT_EQ(one.chain().head_number(), 1U);
    const auto block = one.chain().block(1);
    ASSERT_EQ(block->outcomes.size(), 1U);
    EXPECT_FALSE(block->outcomes[0].outcome.is_available());
    EXPECT_FALSE(block->receipts.back().succeeded);
}

TEST_F(NodeLayer, OnlyAFallbackBlockHasNoBeacon) {
    auto one = member();
    advance_to(start() + kWindow);
    one.read();
    const auto blind = DevChain::open(layer_config());
    auto block = one.chain().block(1)->block;
    block.header.coinbase[3] = 1;
    EXPECT_EQ(blind->import_block(block, {}).error(), Error{ChainError::fallback_wrong});
    // Nor can the sequencer post one.
    auto other = member();
    post_batch(*other.node, *layer, {content(*one.node, 1)});
    auto reader = member();
    reader.read();
    EXPECT_EQ(reader.chain().safe_number(), 1U);
    EXPECT_EQ(reader.head_hash(), one.head_hash());
}

TEST_F(NodeLayer, ASequencerThatWasAwayResumesOnTheFallback) {
    auto sequencer = member(Role::sequences);
    advance(2);
    sequencer.read();
    const auto transfer = dev.transfer(0, 0);
    ASSERT_TRUE(submit(*sequencer.node, transfer));
    mine(sequencer);
    mine(sequencer);
    // They were never posted.
    const auto lost = sequencer.head_hash();
    advance_to(start() + kWindow);
    sequencer.read();
    EXPECT_EQ(sequencer.chain().head_number(), 1U);
    EXPECT_FALSE(sequencer.chain().locate(transfer.hash));
    EXPECT_NE(sequencer.node->pool().find(transfer.hash), nullptr) << "its transactions wait again";
    mine(sequencer);
    EXPECT_TRUE(sequencer.chain().locate(transfer.hash));
    post_blocks(sequencer, 2, 2);
    sequencer.read();
    EXPECT_EQ(sequencer.chain().safe_number(), 2U);
    auto full = member();
    full.read();
    EXPECT_EQ(full.head_hash(), sequencer.head_hash());
    EXPECT_NE(full.head_hash(), lost);
}

TEST_F(NodeLayer, ASequencerGoesBackFromWhatCameTooLate) {
    auto sequencer = member(Role::sequences);
    const auto transfer = dev.transfer(0, 0);
    ASSERT_TRUE(submit(*sequencer.node, transfer));
    mine(sequencer);
    advance(kMaxLag + 1);
    post_blocks(sequencer, 1, 1);
    sequencer.read();
    EXPECT_EQ(sequencer.kinds(), std::vector{FindingKind::late});
    EXPECT_EQ(sequencer.chain().head_number(), 0U);
    mine(sequencer);
    EXPECT_TRUE(sequencer.chain().locate(transfer.hash));
    post_blocks(sequencer, 1, 1);
    sequencer.read();
    EXPECT_EQ(sequencer.chain().safe_number(), 1U);
}

TEST_F(NodeLayer, NothingIsBuiltThatWouldComeTooLate) {
    auto sequencer = member(Role::sequences);
    mine(sequencer);
    advance(kMaxLag / 2 + 2);
    sequencer.read();
    EXPECT_EQ(sequencer.node->mine().error(), Error{NodeError::too_far_ahead});
    post_blocks(sequencer, 1, 1);
    sequencer.read();
    mine(sequencer);
    EXPECT_EQ(sequencer.chain().head_number(), 2U);
}

TEST_F(NodeLayer, AnIdleChainHasABlockBeforeTheWindowEnds) {
    auto config = layer_config();
    config.mining = Automine{};
    auto sequencer = member(Role::sequences, config);
    advance(kWindow / 2);
    sequencer.read();
    // Behind what the chain's thread was told.
    sequencer.node->set_mining(ManualMining{});
    EXPECT_EQ(sequencer.chain().head_number(), 0U);
    sequencer.node->set_mining(Automine{});
    advance(2);
    sequencer.read();
    sequencer.node->set_mining(ManualMining{});
    EXPECT_EQ(sequencer.chain().head_number(), 1U);
}

TEST_F(NodeLayer, TheLayerBeatsTheFeed) {
    auto sequencer = member();
    auto liar = member();
    advance(3);
    sequencer.read();
    liar.read();
    mine(sequencer);
    import(*liar.node, *sequencer.chain().block(1)).value();
    // Two versions of block 2: one is told, the other is posted.
    ASSERT_TRUE(submit(*liar.node, dev.transfer(0, 0)));
    mine(liar);
    mine(liar);
    ASSERT_TRUE(submit(*sequencer.node, dev.transfer(1, 0)));
    mine(sequencer);
    ASSERT_NE(sequencer.chain().block_hash(2), liar.chain().block_hash(2));

    auto full = member();
    for (std::uint64_t number = 1; number <= 3; ++number)
        ASSERT_TRUE(import(*full.node, *liar.chain().block(number)));
    post_blocks(sequencer, 1, 2);
    full.read();
    EXPECT_EQ(full.head_hash(), sequencer.head_hash());
    EXPECT_EQ(full.chain().safe_number(), 2U);
    EXPECT_EQ(balance(*full.node, dev.accounts[2].address),
              balance(*sequencer.node, dev.accounts[2].address));
    expect_consistent(*full.node);
    // And stays there.
    ASSERT_TRUE(import(*full.node, *liar.chain().block(2)));
    EXPECT_EQ(full.head_hash(), sequencer.head_hash());
    EXPECT_EQ(full.node->unwind(1).error(), Error{NodeError::already_safe});
}

TEST_F(NodeLayer, AnInvalidBlockInTheLayerLeavesTheFeedsChainAsItIs) {
    auto sequencer = member();
    advance(3);
    sequencer.read();
    mine(sequencer);
    mine(sequencer);
    auto full = member();
    for (std::uint64_t number = 1; number <= 2; ++number)
        ASSERT_TRUE(import(*full.node, *sequencer.chain().block(number)));
    auto wrong = content(*sequencer.node, 1);
    wrong.block.header.state_root[0] ^= 1;
    layer_seconds += 6;
    post_batch(*sequencer.node, *layer, {wrong});
    full.read();
    EXPECT_EQ(full.head_hash(), sequencer.head_hash());
    EXPECT_EQ(full.chain().safe_number(), 0U);
    EXPECT_EQ(full.kinds(), std::vector{FindingKind::invalid_block});
    expect_consistent(*full.node);
}

/// Or whoever signs batches could make everybody unwind and execute a good block again and again.
TEST_F(NodeLayer, NothingIsUnwoundForABlockThatIsNotValid) {
    auto sequencer = member();
    advance(3);
    sequencer.read();
    add_transfers(sequencer, 3);
    auto full = member();
    for (std::uint64_t number = 1; number <= 3; ++number)
        ASSERT_TRUE(import(*full.node, *sequencer.chain().block(number)));
    std::vector<std::string> moves;
    const auto watch = full.node->subscribe([&](const Event& event) {
        if (std::holds_alternative<Unwound>(event)) moves.emplace_back("unwound");
        if (std::holds_alternative<NewHead>(event)) moves.emplace_back("new head");
    });
    const auto right = content(*sequencer.node, 1);
    auto wrong_root = right;
    wrong_root.block.header.state_root[0] ^= 1;
    auto wrong_gas = right;
    ++wrong_gas.block.header.gas_used;
    for (const auto& wrong : {wrong_root, wrong_gas, wrong_root}) {
        layer_seconds += 6;
        post_batch(*sequencer.node, *layer, {wrong});
        full.read();
        EXPECT_EQ(full.head_hash(), sequencer.head_hash());
    }
    EXPECT_TRUE(moves.empty()) << moves.front();
    EXPECT_EQ(full.kinds(),
              (std::vector{FindingKind::invalid_block, FindingKind::invalid_block, FindingKind::replayed}));
    EXPECT_NE(full.findings[2].text.find("tried before"), std::string::npos) << full.findings[2].text;

    // A valid one that differs still takes their place, however far back.
    auto other = member();
    other.read();
    ASSERT_TRUE(submit(*other.node, dev.transfer(1, 0)));
    mine(other);
    post_blocks(other, 1, 1);
    full.read();
    EXPECT_EQ(moves, (std::vector<std::string>{"unwound", "new head"}));
    EXPECT_EQ(full.head_hash(), other.head_hash());
    EXPECT_EQ(full.chain().safe_number(), 1U);
    EXPECT_NE(full.node->pool().find(dev.transfer(0, 0).hash), nullptr) << "what it held waits again";
    expect_consistent(*full.node);
}

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

/// A block that was built or imported with what it owed is not executed again when it is derived.
TEST_F(NodeLayer, AFeedThatIsFarAheadOfTheLayerWaitsForIt) {
    auto sequencer = member();
    force(sequencer, dev.transfer(1, 0));
    advance(kDelay + 1);
    sequencer.read();
    add_transfers(sequencer, 4);
    auto config = layer_config();
    config.history_depth = 2;
    auto full = member(Role::reads, config);
    for (const std::uint64_t number : {1, 2})
        ASSERT_TRUE(import(*full.node, *sequencer.chain().block(number)));
    EXPECT_EQ(import(*full.node, *sequencer.chain().block(3)).error(), Error{NodeError::too_far_ahead})
        << "or the layer could not be checked any more";
    post_blocks(sequencer, 1, 2);
    full.read();
    EXPECT_EQ(full.chain().safe_number(), 2U);
    EXPECT_TRUE(import(*full.node, *sequencer.chain().block(3)));
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

TEST_F(NodeLayer, AnotherLayerIsTold) {
    const auto node = DevChain::open(layer_config());
    da::EmbeddedOptions options;
    options.empty_every.reset();
    options.chain_id = "another";
    const auto other = da::EmbeddedLayer::open(options).value();
    for (std::uint64_t i = 0; i < start(); ++i)
        ASSERT_TRUE(other->make_block());
    const auto deriver = Deriver::create(*node, *other);
    EXPECT_EQ(deriver.error(), Error{NodeError::other_layer});
}

/// With another chain's genesis nothing ever comes.
TEST_F(NodeLayer, AFollowerSaysWhenNothingOfItsChainIsThere) {
    auto sequencer = member();
    mine(sequencer);
    post_blocks(sequencer, 1, 1);
    auto other = layer_config();
    other.genesis.timestamp += 1;
    for (const bool is_other : {false, true}) {
        const auto node = DevChain::open(is_other ? other : layer_config());
        std::promise<std::uint64_t> nothing;
        auto told = nothing.get_future();
        LayerFollowerOptions options;
        options.patience = std::chrono::milliseconds{5};
        options.found_nothing = [&](std::uint64_t height) { nothing.set_value(height); };
        const auto follower = LayerFollower::start(*node, *layer, std::move(options)).value();
        const auto newest = layer->head().value().height;
        ASSERT_TRUE(follower->wait_for(newest, kLong));
        if (is_other) {
            ASSERT_EQ(told.wait_for(kLong), std::future_status::ready);
            EXPECT_EQ(told.get(), newest);
        } else {
            EXPECT_EQ(follower->status().derived, 1U);
        }
    }
}

TEST_F(NodeLayer, AnAuditVerifiesFallbackBlocksToo) {
    auto sequencer = member();
    force(sequencer, dev.transfer(1, 0));
    advance_to(start() + kWindow);
    sequencer.read();
    add_transfers(sequencer, 1);
    post_blocks(sequencer, 2, 2);
    const auto fresh = DevChain::open(layer_config());
    const auto report = audit(*fresh, *layer, {}).value();
    EXPECT_TRUE(report.is_verified());
    EXPECT_EQ(report.blocks, 2U);
    EXPECT_EQ(report.fallback_blocks, 1U);
    EXPECT_EQ(report.foreign_blobs, 0U);
    EXPECT_EQ(report.head_hash, sequencer.head_hash());
}

}  // namespace
}  // namespace valence::node
