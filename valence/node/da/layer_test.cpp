// Chains whose genesis names a data-availability layer: what they refer to, and who has the last word.
#include <future>

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

}  // namespace
}  // namespace valence::node
