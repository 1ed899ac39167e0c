// Blocks that everybody derives where the layer holds none in time, and how a sequencer goes on from them.
#include "valence/ml/graph/model_error.hpp"
#include "valence/node/da/layer_fixture.hpp"
#include "valence/outcome/outcome_error.hpp"

namespace valence::node {
namespace {

using namespace testing;

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

TEST_F(NodeLayer, AModelThatNoNodeMayRunHoldsUpNoFallback) {
    class OfNobody final : public outcome::ModelSource {
    public:
        Result<std::shared_ptr<const outcome::LoadedModel>> load(const ml::ModelId&) override {
            return Error{ml::ModelError::too_large};
        }
    };
    auto config = layer_config();
    config.models = std::make_shared<OfNobody>();
    auto one = member(Role::reads, config);
    const auto transfer = dev.transfer(1, 0);
    force(one, asking(2, 0, 7));
    force(one, transfer);
    advance_to(start() + kWindow);
    one.read();
    ASSERT_EQ(one.chain().head_number(), 1U);
    EXPECT_TRUE(begins_with(one, 1, transfer.hash));
    EXPECT_TRUE(one.chain().block(1)->outcomes.empty());

    auto other = member(Role::reads, config);
    other.read();
    EXPECT_EQ(other.head_hash(), one.head_hash());
    // It would wait for a file that it lacks.
    class Without final : public outcome::ModelSource {
    public:
        Result<std::shared_ptr<const outcome::LoadedModel>> load(const ml::ModelId&) override {
            return Error{outcome::OutcomeError::model_missing};
        }
    };
    config.models = std::make_shared<Without>();
    auto waiting = member(Role::reads, config);
    waiting.read();
    EXPECT_EQ(waiting.chain().head_number(), 0U);
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
