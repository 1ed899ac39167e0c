// The poster when things go wrong: what it lost it finds in the layer, what it cannot post it does not let
// pile up.
#include "valence/chain/inference/registry_view.hpp"
#include "valence/compute/model_store/model_store.hpp"
#include "valence/compute/testing/models.hpp"
#include "valence/da/layer/layer_between.hpp"
#include "valence/derive/testing.hpp"
#include "valence/ml/model/vmodel.hpp"
#include "valence/node/da/da_access.hpp"
#include "valence/node/da/da_fixture.hpp"

namespace valence::node {
namespace {

using namespace testing;

/// Takes so many submissions, then none until it is told to.
class FillingLayer final : public da::LayerBetween {
public:
    FillingLayer(da::EmbeddedLayer& layer, int takes) : LayerBetween(layer), layer_(layer), takes_(takes) {}
    void take(int submissions) { takes_ = submissions; }
    int refused() const { return refused_; }

    Result<std::uint64_t> submit(std::span<const da::Blob> blobs) override {
        if (takes_ > 0) {
            --takes_;
            return layer_.submit(blobs);
        }
        ++refused_;
        // Others go on posting: the layer's blocks by which the poster knows that its own are not coming.
        for (int i = 0; i < 3; ++i) {
            BOOST_OUTCOME_TRYV(layer_.make_block());
        }
        return Error{da::LayerError::unreachable};
    }

private:
    da::EmbeddedLayer& layer_;
    std::atomic<int> takes_;
    std::atomic<int> refused_ = 0;
};

bool comes(const std::function<bool()>& what) {
    for (int i = 0; i < 10'000 && !what(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    return what();
}

class NodePoster : public NodeDa {
protected:
    /// More than one submission takes: transactions of bytes that do not compress.
    void add_large_block(Node& node) const {
        node.set_mining(ManualMining{});
        auto nonce = node.next_nonce(dev.accounts[1].address);
        for (int i = 0; i < 19; ++i, ++nonce) {
            ASSERT_TRUE(submit(node, dev.transaction(1, nonce, [&](chain::Transaction& t) {
                t.gas_limit = 5'000'000;
                t.data = derive::testing::noise(120'000);
                // Each its own bytes.
                for (std::size_t at = 0; at < t.data.size(); ++at)
                    t.data[at] ^= static_cast<std::uint8_t>((at * (nonce + 1)) >> 7);
            })));
        }
        ASSERT_TRUE(node.mine());
    }
    /// The places of all pieces in the layer: batch and number of the piece.
    static std::vector<std::pair<Hash, std::uint16_t>> pieces(const Node& node, da::Layer& layer) {
        std::vector<std::pair<Hash, std::uint16_t>> out;
        const auto name = derive::chain_namespace(*node.chain().block_hash(0));
        for (std::uint64_t height = 1; height <= layer.head().value().height; ++height) {
            const auto blobs = layer.blobs(height, name).value();
            for (const auto& one : blobs) {
                const auto piece = derive::parse_piece(one.blob.data).value();
                out.emplace_back(piece.head.hash, piece.index);
            }
        }
        return out;
    }
};

TEST_F(NodePoster, GoesOnWhereTheLayerIsWhenTheRecordIsLost) {
    const auto node = chain_of(3);
    const auto layer = quiet_layer();
    ASSERT_TRUE(post(*node, *layer)->wait_for(3, kLong));
    add_blocks(*node, 2);
    // Without a record.
    const auto poster = post(*node, *layer);
    ASSERT_TRUE(poster->wait_for(5, kLong));
    EXPECT_EQ(posted_numbers(*node, *layer), up_to(5));
    EXPECT_TRUE(audit_of(*layer).is_verified());
}

TEST_F(NodePoster, ASequencerThatLostItsChainTakesItFromTheLayer) {
    const auto layer = quiet_layer();
    {
        const auto node = chain_of(4);
        ASSERT_TRUE(post(*node, *layer)->wait_for(4, kLong));
    }
    const auto node = DevChain::open(config());
    const auto poster = post(*node, *layer);
    EXPECT_EQ(node->chain().head_number(), 4U);
    add_blocks(*node, 1);
    ASSERT_TRUE(poster->wait_for(5, kLong));
    EXPECT_EQ(posted_numbers(*node, *layer), up_to(5));
    EXPECT_TRUE(audit_of(*layer).is_verified());
}

TEST_F(NodePoster, EveryPieceIsPostedOnceWhateverFails) {
    const base::testing::TestFolder folder;
    const auto record = folder.path() / "posted";
    const auto node = chain_of(1);
    const auto id = node->model_store().add(compute::testing::dense_model(12), "me").value()->id;
    node->set_storage(chain::kModelRegistry, chain::policy_slot(id),
                      chain::encode_policy({base::address_from_number(7), outcome::bit(Mode::replay), 0, 1}));
    ASSERT_TRUE(node->model_store().is_kept(id));
    const auto layer = quiet_layer();
    FillingLayer filling(*layer, 1);
    {
        const auto poster = post(*node, filling, record);
        ASSERT_TRUE(comes([&] { return filling.refused() >= 2; }));
        EXPECT_EQ(poster->status().posted, 0U);
    }
    EXPECT_EQ(pieces(*node, *layer).size(), 4U) << "a part of the file";
    filling.take(100);
    const auto poster = post(*node, filling, record);
    ASSERT_TRUE(poster->wait_for(1, kLong));
    const auto all = pieces(*node, *layer);
    EXPECT_GT(all.size(), 5U);
    EXPECT_EQ(std::set(all.begin(), all.end()).size(), all.size());
}

TEST_F(NodePoster, ABlockLargerThanASubmissionIsWholeInOneHeight) {
    const auto node = chain_of(1);
    add_large_block(*node);
    const auto layer = quiet_layer();
    ASSERT_TRUE(post(*node, *layer)->wait_for(2, kLong));
    const auto all = pieces(*node, *layer);
    EXPECT_GT(all.size(), 4U);
    EXPECT_EQ(std::set(all.begin(), all.end()).size(), all.size());
    EXPECT_TRUE(audit_of(*layer).is_verified());
}

/// Takes as much in one submission as a transaction of Celestia's holds.
class NarrowLayer final : public da::LayerBetween {
public:
    explicit NarrowLayer(da::EmbeddedLayer& layer) : LayerBetween(layer), layer_(layer) {}

    Result<std::uint64_t> submit(std::span<const da::Blob> blobs) override {
        std::size_t bytes = 0;
        for (const auto& blob : blobs)
            bytes += blob.data.size() + 1'024;
        if (bytes > std::size_t{2} << 20) return Error{da::LayerError::too_large};
        ++submissions;
        return layer_.submit(blobs);
    }
    std::atomic<int> submissions = 0;

private:
    da::EmbeddedLayer& layer_;
};

TEST_F(NodePoster, ABlockLargerThanASubmissionGoesInSeveral) {
    const auto node = chain_of(1);
    add_large_block(*node);
    const auto layer = quiet_layer();
    NarrowLayer narrow(*layer);
    ASSERT_TRUE(post(*node, narrow)->wait_for(2, kLong));
    EXPECT_GT(narrow.submissions, 1);
    EXPECT_TRUE(audit_of(*layer).is_verified());
}

TEST_F(NodePoster, AfterACrashBetweenSubmissionsOnlyTheRestOfABlockIsSent) {
    const base::testing::TestFolder folder;
    const auto record = folder.path() / "posted";
    const auto node = chain_of(1);
    const auto layer = quiet_layer();
    ASSERT_TRUE(post(*node, *layer, record)->wait_for(1, kLong));
    add_large_block(*node);
    FillingLayer filling(*layer, 1);
    {
        const auto poster = post(*node, filling, record);
        ASSERT_TRUE(comes([&] { return filling.refused() >= 2; }));
        EXPECT_EQ(poster->status().posted, 1U);
    }
    EXPECT_EQ(pieces(*node, *layer).size(), 5U) << "the first block, and a part of the second";
    filling.take(100);
    ASSERT_TRUE(post(*node, filling, record)->wait_for(2, kLong));
    const auto all = pieces(*node, *layer);
    EXPECT_EQ(std::set(all.begin(), all.end()).size(), all.size());
    EXPECT_TRUE(audit_of(*layer).is_verified());
}

TEST_F(NodePoster, NoBlockIsBuiltWhileTooManyWait) {
    const auto node = DevChain::open(config());
    const auto layer = quiet_layer();
    FillingLayer filling(*layer, 0);
    std::atomic<int> troubles = 0;
    const auto subscription = node->subscribe([&](const Event& event) {
        if (std::holds_alternative<Trouble>(event)) ++troubles;
    });
    auto options = quick();
    options.most_lag = 3;
    std::atomic<int> told = 0;
    options.on_trouble = [&](const std::optional<Error>& trouble) { told += trouble ? 1 : 100; };
    const auto poster = BatchPoster::start(*node, filling, options).value();
    add_blocks(*node, 3);
    node->set_mining(ManualMining{});
    for (int i = 0; i < 2; ++i) {
        const auto built = node->mine();
        ASSERT_FALSE(built);
        EXPECT_EQ(built.error(), Error{NodeError::backlog});
    }
    EXPECT_EQ(troubles, 1) << "said once";
    EXPECT_EQ(poster->status().lag, 3U);
    ASSERT_TRUE(comes([&] { return poster->status().trouble.has_value(); }));
    // A transaction that arrives now waits, and is mined by itself once there is room.
    node->set_mining(Automine{});
    const auto nonce = node->next_nonce(dev.accounts[0].address);
    ASSERT_TRUE(submit(*node, dev.transfer(0, nonce)));
    EXPECT_EQ(node->chain().head_number(), 3U);
    filling.take(100);
    EXPECT_TRUE(reaches(*node, 4));
    EXPECT_TRUE(poster->wait_for(4, kLong));
    EXPECT_EQ(told, 101) << "one trouble, and its end";
}

TEST_F(NodePoster, AModelsFileIsPostedOnceWhateverFails) {
    const base::testing::TestFolder folder;
    const auto record = folder.path() / "posted";
    const auto layer = quiet_layer();
    FillingLayer filling(*layer, 0);
    const auto node = chain_of(1);
    ASSERT_TRUE(node->model_store().add(ml::encode_model(outcome::testing::tiny_graph()), "me"));
    ASSERT_TRUE(node->model_store().is_kept(tiny));
    {
        const auto poster = post(*node, filling, record);
        ASSERT_TRUE(comes([&] { return filling.refused() >= 2; }));
    }
    filling.take(1);
    {
        const auto poster = post(*node, filling, record);
        ASSERT_TRUE(comes([&] { return filling.refused() >= 4; }));
    }
    filling.take(100);
    // It may have ended before it sent what it noted, and waits for these.
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(layer->make_block());
    ASSERT_TRUE(post(*node, filling, record)->wait_for(1, kLong));
    // And when the record is lost.
    add_blocks(*node, 1);
    ASSERT_TRUE(post(*node, filling)->wait_for(2, kLong));
    const auto all = pieces(*node, *layer);
    EXPECT_EQ(all.size(), 3U) << "the file, and two blocks";
    EXPECT_EQ(std::set(all.begin(), all.end()).size(), all.size());
}

TEST_F(NodePoster, SaysWhereABlockIsAndProvesIt) {
    const auto node = chain_of(1);
    add_large_block(*node);
    const auto layer = quiet_layer();
    const auto poster = post(*node, *layer);
    ASSERT_TRUE(poster->wait_for(2, kLong));
    const DaAccess posting(*node, *layer, "here", [&] { return DaAccess::Status{poster->status()}; });
    // One that derives knows it as well.
    const auto full = DevChain::open(manual(config()));
    const auto deriver = Deriver::create(*full, *layer).value();
    while (deriver->step(std::chrono::milliseconds{0}).value()) {
    }
    ASSERT_EQ(full->chain().head_number(), 2U);
    const DaAccess deriving(*full, *layer, "here", [&] { return DaAccess::Status{deriver->status()}; });
    for (const auto* access : {&posting, &deriving}) {
        for (const std::uint64_t number : {1, 2}) {
            const auto found = access->locate(number);
            ASSERT_TRUE(found) << found.error().message();
            ASSERT_TRUE(found.value());
            const auto& [batch, list] = *found.value();
            EXPECT_LE(batch.first, number);
            EXPECT_GE(batch.last, number);
            Bytes joined;
            for (const auto& piece : list) {
                const auto proof = access->prove(piece);
                ASSERT_TRUE(proof) << proof.error().message();
                const auto header = layer->header(piece.height).value();
                EXPECT_TRUE(da::verify_commitment_proof(proof.value(), header.data_hash));
                EXPECT_EQ(da::commitment_of(proof.value()), piece.commitment);
                const auto blobs = layer->blobs(piece.height, access->name()).value();
                const auto blob = std::ranges::find(blobs, piece.commitment, &da::LayerBlob::commitment);
                ASSERT_NE(blob, blobs.end());
                base::append(joined, derive::parse_piece(blob->blob.data).value().part);
            }
            EXPECT_EQ(crypto::keccak256(joined), batch.batch);
            const auto blocks = derive::decode_blocks(joined).value();
            EXPECT_TRUE(std::ranges::any_of(blocks, [&](const derive::BatchBlock& one) {
                return chain::header_hash(one.block.header) == node->chain().block_hash(number);
            }));
        }
        EXPECT_FALSE(access->locate(3).value());
    }
}

}  // namespace
}  // namespace valence::node
