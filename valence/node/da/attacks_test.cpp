// Attacks on data availability: the auditor says what and where, and honest nodes neither accept nor stop.
#include "valence/codec/zstd.hpp"
#include "valence/da/sampling/sampling.hpp"
#include "valence/da/testing/withholding_layer.hpp"
#include "valence/derive/testing.hpp"
#include "valence/node/da/da_fixture.hpp"
#include "valence/outcome/testing/proving.hpp"

namespace valence::node {
namespace {

using namespace testing;
using derive::FindingKind;

class DaAttacks : public NodeDa {
protected:
    /// What is posted as one batch of the kind, whatever its bytes are.
    static void post_bytes(const Node& node, da::Layer& layer, const Bytes& batch, std::uint64_t number,
                           const crypto::bls::SecretKey& key = chain::development_beacon_key()) {
        const auto genesis_hash = *node.chain().block_hash(0);
        const auto head = derive::head_of(batch, derive::BatchKind::blocks, number, number);
        post_blobs(node, layer, derive::cut(batch, head, genesis_hash, key));
    }
    static void post_blobs(const Node& node, da::Layer& layer, std::vector<Bytes> data) {
        std::vector<da::Blob> blobs;
        for (auto& one : data)
            blobs.push_back({derive::chain_namespace(*node.chain().block_hash(0)), 0, std::move(one), {}});
        ASSERT_TRUE(layer.submit(blobs));
    }
    /// A batch version byte before a zstd frame of this content.
    static Bytes packed(BytesView content) {
        Bytes batch{derive::kBatchVersion};
        base::append(batch, codec::zstd(content));
        return batch;
    }
    static crypto::bls::SecretKey somebody() { return derive::testing::somebody(); }
    /// That a node which derives comes to this chain's head.
    void expect_derived(const Node& node, da::Layer& layer) const {
        const auto full = DevChain::open(manual(config()));
        const auto deriver = Deriver::create(*full, layer).value();
        while (deriver->step(std::chrono::milliseconds{0}).value()) {
        }
        EXPECT_EQ(full->chain().head().block->hash, node.chain().head().block->hash);
    }
    /// The only discrepancy: of this kind, about this block, in the layer's block of this height.
    static void expect_one(const AuditReport& report, FindingKind kind, std::optional<std::uint64_t> number,
                           std::uint64_t height) {
        ASSERT_EQ(report.discrepancies.size(), 1U);
        const auto& found = report.discrepancies[0];
        EXPECT_EQ(found.kind, kind) << found.text;
        EXPECT_EQ(found.number, number) << found.text;
        EXPECT_EQ(found.place.height, height) << found.text;
        EXPECT_FALSE(report.is_verified());
    }
};

TEST_F(DaAttacks, TwoVersionsOfABlock) {
    const auto node = chain_of(2);
    const auto other = DevChain::open(config());
    ASSERT_TRUE(submit(*other, asking(1, 0, 7)));
    ASSERT_TRUE(reaches(*other, 1));
    const auto layer = quiet_layer();
    post_batch(*node, *layer, {content(*node, 1)});
    // As valid as the first, but later.
    post_batch(*node, *layer, {content(*other, 1)});
    post_batch(*node, *layer, {content(*node, 2)});
    const auto report = audit_of(*layer);
    expect_one(report, FindingKind::second_version, 1, 3);
    EXPECT_EQ(report.head_hash, node->chain().head().block->hash);
    expect_derived(*node, *layer);
}

TEST_F(DaAttacks, AWrongSignature) {
    const auto node = chain_of(1);
    const auto layer = quiet_layer();
    const auto genesis_hash = *node->chain().block_hash(0);
    const auto batch = derive::encode_blocks(std::vector{content(*node, 1)}).value();
    const auto head = derive::head_of(batch, derive::BatchKind::blocks, 1, 1);
    auto pieces = derive::cut(batch, head, genesis_hash, chain::development_beacon_key());
    // One bit: of the signature, and of what it is on.
    auto damaged = pieces;
    damaged[0].back() ^= 1;
    post_blobs(*node, *layer, damaged);
    damaged = pieces;
    damaged[0][100] ^= 1;
    post_blobs(*node, *layer, damaged);
    auto report = audit_of(*layer);
    EXPECT_FALSE(report.is_verified());
    EXPECT_FALSE(report.has_found_chain());
    EXPECT_EQ(report.foreign_blobs, 2U);
    EXPECT_EQ(report.head, 0U);
    // Signed for the chain of another genesis.
    post_blobs(*node, *layer, derive::cut(batch, head, Hash{}, chain::development_beacon_key()));
    EXPECT_EQ(audit_of(*layer).head, 0U);
    post_blobs(*node, *layer, pieces);
    report = audit_of(*layer);
    EXPECT_TRUE(report.is_verified());
    EXPECT_EQ(report.foreign_blobs, 3U);
}

TEST_F(DaAttacks, AWrongBeacon) {
    const auto node = chain_of(1);
    const auto layer = quiet_layer();
    auto wrong = content(*node, 1);
    wrong.supplement.beacon->bytes[10] ^= 1;
    post_batch(*node, *layer, {wrong});
    expect_one(audit_of(*layer), FindingKind::invalid_block, 1, 2);
    wrong = content(*node, 1);
    wrong.supplement.beacon.reset();
    post_batch(*node, *layer, {wrong});
    EXPECT_EQ(audit_of(*layer).discrepancies.size(), 2U);
    post_batch(*node, *layer, {content(*node, 1)});
    expect_derived(*node, *layer);
}

TEST_F(DaAttacks, ABombOfTheSequencers) {
    const auto node = chain_of(1);
    const auto layer = quiet_layer();
    post_bytes(*node, *layer, packed(Bytes(derive::kMostContent + 1)), 1);
    expect_one(audit_of(*layer), FindingKind::bad_batch, 1, 2);
    post_bytes(*node, *layer, packed(Bytes(1'000'000, 0xc1)), 1);
    post_bytes(*node, *layer, packed(Bytes{0xfb, 0xff, 0xff, 0xff, 0xff}), 1);
    // Not even a frame.
    post_bytes(*node, *layer, Bytes(1'000, 7), 1);
    const auto report = audit_of(*layer);
    ASSERT_EQ(report.discrepancies.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(report.discrepancies[i].kind, FindingKind::bad_batch);
        EXPECT_EQ(report.discrepancies[i].place.height, i + 2);
    }
    post_batch(*node, *layer, {content(*node, 1)});
    expect_derived(*node, *layer);
}

TEST_F(DaAttacks, AForeignersBombsSayNothingOfTheSequencer) {
    const auto node = chain_of(1);
    const auto layer = quiet_layer();
    post_bytes(*node, *layer, packed(Bytes(derive::kMostContent + 1)), 1, somebody());
    post_bytes(*node, *layer, packed(Bytes(1'000'000, 0xc1)), 1, somebody());
    auto forged = content(*node, 1);
    forged.block.header.gas_used += 1;
    post_batch(*node, *layer, {forged}, somebody());
    std::vector<Bytes> flood;
    for (std::size_t i = 0; i < 400; ++i)
        flood.push_back(derive::testing::noise(40 + i * 7));
    post_blobs(*node, *layer, flood);
    post_batch(*node, *layer, {content(*node, 1)});
    const auto report = audit_of(*layer);
    EXPECT_TRUE(report.is_verified());
    EXPECT_EQ(report.foreign_blobs, 403U);
    expect_derived(*node, *layer);
}

TEST_F(DaAttacks, SharesKeptBackAreRepairedWhereThatCanBe) {
    const auto node = chain_of(2);
    const auto layer = quiet_layer();
    post_batch(*node, *layer, {content(*node, 1)});
    post_batch(*node, *layer, {content(*node, 2)});
    const auto k = layer->header(3).value().roots.width() / 2;
    // The whole quadrant with the data.
    da::testing::WithholdingLayer some(*layer, 3,
                                       [k](da::Cell cell) { return cell.row < k && cell.column < k; });
    const auto report = audit_of(some);
    EXPECT_TRUE(report.is_verified());
    EXPECT_EQ(report.repaired, std::vector<std::uint64_t>{3});
    EXPECT_EQ(report.head_hash, node->chain().head().block->hash);
}

/// Says that there is less of a namespace than there is.
class ForgetfulLayer final : public da::LayerBetween {
public:
    using LayerBetween::LayerBetween;
    Result<std::vector<da::LayerBlob>> blobs(std::uint64_t, const da::Namespace&) override {
        return std::vector<da::LayerBlob>{};
    }
    Result<std::vector<da::NamespaceRow>> namespace_rows(std::uint64_t height,
                                                         const da::Namespace& name) override {
        auto rows = behind_.namespace_rows(height, name);
        if (rows && !rows.value().empty() && height % 2 == 0) rows.value().pop_back();
        if (rows && !rows.value().empty() && height % 2 == 1) rows.value()[0].shares.pop_back();
        return rows;
    }
};

TEST_F(DaAttacks, ALayerThatSaysThatThereIsLessIsNotBelieved) {
    const auto node = chain_of(2);
    const auto layer = quiet_layer();
    post_batch(*node, *layer, {content(*node, 1)});
    post_batch(*node, *layer, {content(*node, 2)});
    ForgetfulLayer forgetful(*layer);
    const auto report = audit_of(forgetful);
    EXPECT_TRUE(report.is_verified());
    EXPECT_EQ(report.repaired, (std::vector<std::uint64_t>{2, 3}));
    EXPECT_EQ(report.head_hash, node->chain().head().block->hash);
}

TEST_F(DaAttacks, WhatCannotBeRepairedIsFoundWhereItIs) {
    const auto node = chain_of(3);
    const auto layer = quiet_layer();
    for (std::uint64_t number = 1; number <= 3; ++number)
        post_batch(*node, *layer, {content(*node, number)});
    const auto k = layer->header(3).value().roots.width() / 2;
    da::testing::WithholdingLayer too_much(*layer, 3,
                                           [k](da::Cell cell) { return cell.row <= k && cell.column <= k; });
    const auto report = audit_of(too_much);
    expect_one(report, FindingKind::missing, {}, 3);
    EXPECT_EQ(report.head, 1U) << "what came before is verified";
}

TEST_F(DaAttacks, SamplingFindsWhatIsKeptBack) {
    const auto node = chain_of(3);
    const auto layer = quiet_layer();
    for (std::uint64_t number = 1; number <= 3; ++number)
        post_batch(*node, *layer, {content(*node, number)});
    ASSERT_TRUE(layer->make_block());
    const auto name = derive::chain_namespace(*node->chain().block_hash(0));
    const auto all = da::sample_chain(*layer, name, {}).value();
    EXPECT_TRUE(all.is_available());
    EXPECT_EQ(all.headers, 5U);
    EXPECT_EQ(all.blocks, 3U) << "the first and the last hold nothing of the chain";
    EXPECT_GT(all.confidence, 0.98);
    EXPECT_EQ(all.shown, 4U);
    EXPECT_FALSE(da::sample_chain(*layer, derive::chain_namespace(Hash{}), {}).value().shown);

    const auto k = layer->header(3).value().roots.width() / 2;
    da::testing::WithholdingLayer too_much(*layer, 3,
                                           [k](da::Cell cell) { return cell.row <= k && cell.column <= k; });
    da::ChainSampling options;
    options.shares = 1'000;
    const auto sampled = da::sample_chain(too_much, name, options).value();
    EXPECT_FALSE(sampled.is_available());
    ASSERT_EQ(sampled.withheld.size(), 1U);
    EXPECT_EQ(sampled.withheld[0].height, 3U);
    EXPECT_EQ(sampled.withheld[0].withheld.size(), (k + 1) * (k + 1));
    EXPECT_EQ(sampled.confidence, 0);
}

/// Proves what it is asked.
class Prover final : public sequencer::JobDesk {
public:
    Prover(outcome::ModelSource& models, const zk::ProvingModel& model) : desk_(models, {}), model_(model) {}
    void set_handler(sequencer::AnswerHandler handler) override {
        desk_.set_handler([this, handler](const outcome::JobId& id, const outcome::Settled& settled) {
            return handler(id, outcome::testing::proved(model_, 1986, Address{}, settled.job.input));
        });
    }
    void stop() override { desk_.stop(); }
    void dispatch(const sequencer::JobOrder& order) override { desk_.dispatch(order); }

private:
    sequencer::LocalDesk desk_;
    const zk::ProvingModel& model_;
};

/// A chain whose answers are proved.
class DaProofAttacks : public DaAttacks {
protected:
    DaProofAttacks() { models->add(graph); }
    NodeConfig with_proofs() const {
        auto given = config();
        chain::testing::open_model(given.genesis.accounts, graph, outcome::bit(Mode::zk));
        return given;
    }
    sequencer::PoolTransaction asking_for_proof(std::uint64_t nonce) const {
        return dev.transaction(0, nonce, [&](chain::Transaction& t) {
            t.to = chain::kInferenceAddress;
            t.value = 0;
            t.gas_limit = 16'000'000;
            t.data = chain::testing::infer_call(ml::model_id(graph), Mode::zk, Items{U256{3 * kWad}, U256{}});
        });
    }

    const ml::Graph graph = zk::committed(outcome::testing::tiny_graph()).value();
};

TEST_F(DaProofAttacks, AMissingOrAnothersProofIsFound) {
    auto with_desk = with_proofs();
    const auto model = zk::ProvingModel::commit(std::make_shared<const ml::Graph>(graph)).value();
    with_desk.jobs = std::make_shared<Prover>(*models, model);
    const auto node = DevChain::open(with_desk);
    for (std::uint64_t n = 0; n < 2; ++n) {
        ASSERT_TRUE(submit(*node, asking_for_proof(n)));
        ASSERT_TRUE(reaches(*node, n + 1));
    }
    const auto true_block = content(*node, 1);
    ASSERT_GT(outcome::proof_bytes(true_block.supplement.outcomes[0].outcome), 1'000U);
    EXPECT_EQ(content(*node, 2).supplement.outcomes, true_block.supplement.outcomes) << "one proof for both";

    const auto layer = quiet_layer();
    const auto post_with = [&](const auto& change) {
        auto wrong = true_block;
        auto& evidence = std::get<outcome::ZkEvidence>(wrong.supplement.outcomes[0].outcome.evidence);
        change(evidence.proof);
        wrong.block.header.extra_data = base::to_bytes(outcome::outcomes_root(wrong.supplement.outcomes));
        post_batch(*node, *layer, {wrong});
    };
    post_with([](Bytes& proof) { proof.clear(); });
    post_with([](Bytes& proof) { proof[200] ^= 1; });
    post_with([](Bytes& proof) { proof.assign(outcome::kMaxProofBytes, 1); });
    post_batch(*node, *layer, {true_block, content(*node, 2)});
    const auto fresh = DevChain::open(manual(with_proofs()));
    const auto report = audit(*fresh, *layer, {}).value();
    ASSERT_EQ(report.discrepancies.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        const auto& found = report.discrepancies[i];
        EXPECT_EQ(found.kind, FindingKind::invalid_block);
        EXPECT_EQ(found.number, 1);
        EXPECT_EQ(found.place.height, i + 2);
        EXPECT_NE(found.text.find("outcome 0"), std::string::npos) << found.text;
    }
    EXPECT_EQ(report.head_hash, node->chain().head().block->hash);
    EXPECT_EQ(report.outcomes.at(Mode::zk), 2U);
}

}  // namespace
}  // namespace valence::node
