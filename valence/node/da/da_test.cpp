// A chain posted to data availability and derived again: that nothing is lost or doubled, and that what a
// sequencer does wrong is found where it is.
#include "valence/da/layer/layer_between.hpp"
#include "valence/node/da/da_fixture.hpp"

namespace valence::node {
namespace {

using namespace testing;
using derive::FindingKind;

/// Fails as told, before or after the blobs are in.
class TroubledLayer final : public da::LayerBetween {
public:
    explicit TroubledLayer(da::EmbeddedLayer& layer) : LayerBetween(layer), layer_(layer) {}
    enum class Trouble { none, before, after };
    std::atomic<Trouble> trouble = Trouble::none;
    std::atomic<int> failures = 0;

    Result<std::uint64_t> submit(std::span<const da::Blob> blobs) override {
        const auto now = trouble.exchange(Trouble::none);
        if (now == Trouble::none) return layer_.submit(blobs);
        ++failures;
        if (now == Trouble::after) {
            BOOST_OUTCOME_TRYV(layer_.submit(blobs));
        } else {
            // Others go on posting: the layer's blocks by which the poster knows that its own are not coming.
            for (int i = 0; i < 3; ++i) {
                BOOST_OUTCOME_TRYV(layer_.make_block());
            }
        }
        return Error{da::LayerError::unreachable};
    }

private:
    da::EmbeddedLayer& layer_;
};

TEST_F(NodeDa, IsDerivedToTheSameState) {
    const auto node = chain_of(5);
    const auto layer = quiet_layer();
    const auto poster = post(*node, *layer);
    ASSERT_TRUE(poster->wait_for(5, kLong));
    const auto report = audit_of(*layer);
    EXPECT_TRUE(report.is_verified());
    EXPECT_EQ(report.blocks, 5U);
    EXPECT_EQ(report.head_hash, node->chain().head().block->hash);
    EXPECT_EQ(report.state_root, node->chain().head().block->block.header.state_root);
    EXPECT_EQ(report.outcomes.at(Mode::replay), 5U);
    EXPECT_EQ(report.evidence, 5U);
    EXPECT_EQ(node->chain().safe_number(), 5U);
}

TEST_F(NodeDa, SafeFollowsTheLayer) {
    const auto node = chain_of(2);
    const auto layer = quiet_layer();
    TroubledLayer troubled(*layer);
    troubled.trouble = TroubledLayer::Trouble::before;
    const auto poster = post(*node, troubled);
    ASSERT_TRUE(poster->wait_for(2, kLong));
    EXPECT_EQ(troubled.failures, 1);
    EXPECT_EQ(node->chain().safe_number(), 2U);
    EXPECT_EQ(poster->status().lag, 0U);
}

TEST_F(NodeDa, NothingIsSkippedOrDoubledWhateverFails) {
    const base::testing::TestFolder folder;
    const auto record = folder.path() / "posted";
    const auto node = chain_of(1);
    const auto layer = quiet_layer();
    TroubledLayer troubled(*layer);
    using Trouble = TroubledLayer::Trouble;
    for (const auto trouble :
         {Trouble::none, Trouble::before, Trouble::after, Trouble::before, Trouble::after}) {
        add_blocks(*node, 1);
        troubled.trouble = trouble;
        // A new poster each time, with what the last one wrote.
        const auto poster = post(*node, troubled, record);
        ASSERT_TRUE(poster->wait_for(node->chain().head_number(), kLong));
    }
    EXPECT_EQ(posted_numbers(*node, *layer), up_to(6));
    EXPECT_TRUE(audit_of(*layer).is_verified());
}

TEST_F(NodeDa, GoesOnFromAnIntentWhoseBatchIsIn) {
    const base::testing::TestFolder folder;
    const auto path = folder.path() / "posted";
    const auto node = chain_of(2);
    const auto layer = quiet_layer();
    post_batch(*node, *layer, {content(*node, 1), content(*node, 2)});
    const auto name = derive::chain_namespace(*node->chain().block_hash(0));
    const auto batch = derive::parse_piece(layer->blobs(2, name).value()[0].blob.data).value().head.hash;
    // As it is when the process ends between submitting and noting it.
    const auto last = *node->chain().block_hash(2);
    PostRecord record{0,
                      *node->chain().block_hash(0),
                      0,
                      PostIntent{derive::BatchKind::blocks, 1, 2, last, {}, batch, 1, 1},
                      {}};
    ASSERT_TRUE(PostRecordFile(path).write(record));
    EXPECT_EQ(PostRecordFile(path).read().value(), record);
    const auto poster = post(*node, *layer, path);
    ASSERT_TRUE(poster->wait_for(2, kLong));
    EXPECT_EQ(poster->status().height, 2U);
    EXPECT_EQ(posted_numbers(*node, *layer), up_to(2));
}

TEST_F(NodeDa, AWrongStateRootIsFoundWhereItIs) {
    const auto node = chain_of(3);
    const auto layer = quiet_layer();
    auto wrong = content(*node, 2);
    wrong.block.header.state_root[0] ^= 1;
    post_batch(*node, *layer, {content(*node, 1)});
    post_batch(*node, *layer, {wrong});
    post_batch(*node, *layer, {content(*node, 2), content(*node, 3)});
    const auto report = audit_of(*layer);
    ASSERT_EQ(report.discrepancies.size(), 1U);
    EXPECT_EQ(report.discrepancies[0].kind, FindingKind::invalid_block);
    EXPECT_EQ(report.discrepancies[0].number, 2);
    EXPECT_EQ(report.discrepancies[0].place, (derive::Place{3, 0}));
    EXPECT_NE(report.discrepancies[0].text.find("root"), std::string::npos);
    // The true one follows, and is what the chain goes on with.
    EXPECT_EQ(report.head_hash, node->chain().head().block->hash);
}

TEST_F(NodeDa, AWrongOutcomeIsFound) {
    const auto node = chain_of(1);
    const auto layer = quiet_layer();
    auto wrong = content(*node, 1);
    wrong.supplement.outcomes[0].outcome.output[0] += 1;
    wrong.block.header.extra_data = base::to_bytes(outcome::outcomes_root(wrong.supplement.outcomes));
    post_batch(*node, *layer, {wrong});
    const auto report = audit_of(*layer);
    ASSERT_EQ(report.discrepancies.size(), 1U);
    EXPECT_EQ(report.discrepancies[0].kind, FindingKind::invalid_block);
    EXPECT_NE(report.discrepancies[0].text.find("outcome 0"), std::string::npos);
    EXPECT_EQ(report.head, 0U);
}

TEST_F(NodeDa, AMissingOutcomeIsFound) {
    const auto node = chain_of(1);
    const auto layer = quiet_layer();
    auto wrong = content(*node, 1);
    wrong.supplement.outcomes.clear();
    wrong.block.header.extra_data = Bytes(32, 0);
    post_batch(*node, *layer, {wrong});
    const auto report = audit_of(*layer);
    ASSERT_EQ(report.discrepancies.size(), 1U);
    EXPECT_EQ(report.discrepancies[0].kind, FindingKind::invalid_block);
}

TEST_F(NodeDa, AGapIsFound) {
    const auto node = chain_of(3);
    const auto layer = quiet_layer();
    post_batch(*node, *layer, {content(*node, 1)});
    post_batch(*node, *layer, {content(*node, 3)});
    const auto report = audit_of(*layer);
    ASSERT_EQ(report.discrepancies.size(), 1U);
    EXPECT_EQ(report.discrepancies[0].kind, FindingKind::missing);
    EXPECT_EQ(report.discrepancies[0].number, 2);
    EXPECT_EQ(report.head, 1U);
}

TEST_F(NodeDa, OthersCannotGetInTheWay) {
    const auto node = chain_of(2);
    const auto layer = quiet_layer();
    const auto name = derive::chain_namespace(*node->chain().block_hash(0));
    const auto somebody =
        *crypto::bls::SecretKey::generate(base::as_bytes("somebody else, with 32 bytes of noise"));
    auto forged = content(*node, 1);
    forged.block.header.timestamp += 1;
    post_batch(*node, *layer, {forged}, somebody);
    std::vector<da::Blob> garbage;
    for (std::uint8_t i = 1; i < 50; ++i)
        garbage.push_back({name, 0, Bytes(100U * i, i), {}});
    ASSERT_TRUE(layer->submit(garbage));
    const auto poster = post(*node, *layer);
    ASSERT_TRUE(poster->wait_for(2, kLong));
    const auto report = audit_of(*layer);
    EXPECT_TRUE(report.is_verified());
    EXPECT_EQ(report.foreign_blobs, 50U);
    EXPECT_EQ(report.head_hash, node->chain().head().block->hash);
}

}  // namespace
}  // namespace valence::node
