// Answers that are proved, on nodes: what a sequencer believes, what a full node takes, and what comes back.
#include "valence/node/inference_fixture.hpp"
#include "valence/outcome/testing/proving.hpp"

namespace valence::node::testing {
namespace {

class NodeProofs : public NodeInference {
protected:
    /// The desk's answer to a job in mode ZK.
    using Respond = std::function<void(const outcome::JobId&, outcome::Settled, const Between::Answer&)>;

    NodeProofs() { models->add(graph); }

    NodeConfig with_model(NodeConfig given) const {
        chain::testing::open_model(given.genesis.accounts, graph,
                                   outcome::bit(Mode::replay) | outcome::bit(Mode::zk));
        return given;
    }
    NodeConfig proving(Respond respond) const {
        auto with_desk = with_model(config());
        with_desk.jobs = std::make_shared<Between>(*models, std::move(respond));
        return with_desk;
    }
    NodeConfig proving() const {
        return proving([this](const outcome::JobId& id, const outcome::Settled& settled,
                              const Between::Answer& answer) { answer(id, prove(settled.job)); });
    }
    /// Proofs are checked without the file.
    NodeConfig without_files() const {
        auto full = with_model(config());
        full.models = std::make_shared<outcome::NoModels>();
        return full;
    }

    outcome::Settled prove(const outcome::Job& job) const {
        return outcome::testing::proved(model, 1986, payee, job.input);
    }
    sequencer::PoolTransaction asking_for_proof(std::uint64_t nonce, std::uint64_t a, std::uint64_t b) const {
        return dev.transaction(0, nonce, [&](chain::Transaction& t) {
            t.to = chain::kInferenceAddress;
            t.value = 0;
            t.gas_limit = 16'000'000;
            t.data = chain::testing::infer_call(ml::model_id(graph), Mode::zk, wads(a, b));
        });
    }
    static Bytes& proof_of(outcome::Settled& settled) {
        return std::get<outcome::ZkEvidence>(settled.outcome.evidence).proof;
    }

    const ml::Graph graph = zk::committed(outcome::testing::tiny_graph()).value();
    const zk::ProvingModel model = zk::ProvingModel::commit(std::make_shared<const ml::Graph>(graph)).value();
    const Address payee = base::address_from_number(0xbeef);
};

TEST_F(NodeProofs, ABlockCarriesTheProofAndTheProverIsPaid) {
    const auto node = DevChain::open(proving());
    ASSERT_TRUE(submit(*node, asking_for_proof(0, 3, 1)));
    ASSERT_TRUE(reaches(*node, 1));
    const auto block = node->chain().block(1);
    EXPECT_TRUE(block->receipts[0].succeeded);
    ASSERT_EQ(block->outcomes.size(), 1U);
    EXPECT_EQ(block->outcomes[0].outcome.output, outcome::Integers{3 * 256});
    EXPECT_GT(outcome::proof_bytes(block->outcomes[0].outcome), 1'000U);
    EXPECT_GT(node->chain().head().state->account(payee).value_or(state::Account{}).balance, U256{});
    expect_consistent(*node);
}

TEST_F(NodeProofs, AForgeryIsRefusedAndAnotherNodesAnswerTaken) {
    const auto node = DevChain::open(proving(
        [this](const outcome::JobId& id, const outcome::Settled& settled, const Between::Answer& answer) {
            auto forged = prove(settled.job);
            forged.outcome.output[0] += 1;
            EXPECT_EQ(answer(id, forged), sequencer::Verdict::refused);
            forged = prove(settled.job);
            proof_of(forged)[proof_of(forged).size() / 2] ^= 1;
            EXPECT_EQ(answer(id, forged), sequencer::Verdict::refused);
            // The same proof, for somebody else's purse.
            auto stolen = prove(settled.job);
            stolen.outcome.payee = base::address_from_number(0xbad);
            EXPECT_EQ(answer(id, stolen), sequencer::Verdict::refused);
            EXPECT_EQ(answer(id, prove(settled.job)), sequencer::Verdict::believed);
        }));
    ASSERT_TRUE(submit(*node, asking_for_proof(0, 3, 1)));
    ASSERT_TRUE(reaches(*node, 1));
    EXPECT_EQ(node->chain().block(1)->outcomes[0].outcome.output, outcome::Integers{3 * 256});
}

TEST_F(NodeProofs, WithoutAProverTheCallSaysSo) {
    const auto node = DevChain::open(
        proving([](const outcome::JobId& id, outcome::Settled settled, const Between::Answer& answer) {
            settled.outcome = {{}, {}, outcome::Unavailable{outcome::UnavailableReason::no_capable_node}};
            EXPECT_EQ(answer(id, settled), sequencer::Verdict::believed);
        }));
    ASSERT_TRUE(submit(*node, asking_for_proof(0, 3, 1)));
    ASSERT_TRUE(reaches(*node, 1));
    EXPECT_FALSE(node->chain().block(1)->receipts[0].succeeded);
}

TEST_F(NodeProofs, FullNodesCheckThemWithoutTheModelsFile) {
    const auto sequencer = DevChain::open(proving());
    ASSERT_TRUE(submit(*sequencer, asking_for_proof(0, 3, 1)));
    ASSERT_TRUE(reaches(*sequencer, 1));
    const auto block = sequencer->chain().block(1);
    const auto full = DevChain::open(without_files());
    const auto refusal = [&](auto change) {
        auto outcomes = block->outcomes;
        change(outcomes[0]);
        // A sequencer that commits to what it says.
        auto changed = block->block;
        changed.header.extra_data = base::to_bytes(outcome::outcomes_root(outcomes));
        const auto imported = full->import_block(changed, {std::move(outcomes), block->beacon});
        return imported ? Error{} : imported.error();
    };
    const Error invalid{ChainError::outcome_invalid};
    EXPECT_EQ(refusal([](outcome::Settled& s) { proof_of(s)[100] ^= 1; }), invalid);
    EXPECT_EQ(refusal([](outcome::Settled& s) { proof_of(s).push_back(0); }), invalid);
    EXPECT_EQ(refusal([](outcome::Settled& s) { proof_of(s).assign(outcome::kMaxProofBytes, 0); }), invalid);
    EXPECT_EQ(refusal([](outcome::Settled& s) { s.outcome.output[0] += 1; }), invalid);
    EXPECT_EQ(refusal([](outcome::Settled& s) { s.outcome.payee.bytes[0] ^= 1; }), invalid);
    EXPECT_EQ(refusal([](outcome::Settled& s) { s.outcome.evidence = outcome::ReplayEvidence{}; }), invalid);
    EXPECT_EQ(refusal([](outcome::Settled& s) { s.job.model.bytes[0] ^= 1; }), invalid);
    EXPECT_TRUE(full->import_block(block->block, block->supplement()));
    EXPECT_EQ(full->chain().head().block->hash, block->hash);
}

TEST_F(NodeProofs, AProofIsOfItsChainOnly) {
    const auto node = DevChain::open(proving(
        [this](const outcome::JobId& id, const outcome::Settled& settled, const Between::Answer& answer) {
            EXPECT_EQ(answer(id, outcome::testing::proved(model, 1987, payee, settled.job.input)),
                      sequencer::Verdict::refused);
            EXPECT_EQ(answer(id, prove(settled.job)), sequencer::Verdict::believed);
        }));
    ASSERT_TRUE(submit(*node, asking_for_proof(0, 3, 1)));
    EXPECT_TRUE(reaches(*node, 1));
}

TEST_F(NodeProofs, MayBeUsedAgainInLaterBlocksAndAfterARestart) {
    const auto sequencer = DevChain::open(proving());
    for (std::uint64_t n = 0; n < 2; ++n) {
        ASSERT_TRUE(submit(*sequencer, asking_for_proof(n, 3, 1)));
        ASSERT_TRUE(reaches(*sequencer, n + 1));
    }
    const auto first = sequencer->chain().block(1);
    const auto second = sequencer->chain().block(2);
    EXPECT_EQ(first->outcomes, second->outcomes) << "equal jobs have one answer";

    const TestFolder folder;
    auto full = without_files();
    full.folder = folder.path();
    {
        const auto node = DevChain::open(full);
        ASSERT_TRUE(node->import_block(first->block, first->supplement()));
    }
    const auto node = DevChain::open(full);
    ASSERT_EQ(node->chain().head_number(), 1U);
    EXPECT_EQ(node->chain().block(1)->outcomes, first->outcomes);
    ASSERT_TRUE(node->import_block(second->block, second->supplement()));
    EXPECT_EQ(node->chain().head().block->hash, second->hash);
}

TEST_F(NodeProofs, ComeBackWithTransactionsThatWereUndone) {
    std::atomic<int> proofs{0};
    const auto node = DevChain::open(proving(
        [&](const outcome::JobId& id, const outcome::Settled& settled, const Between::Answer& answer) {
            ++proofs;
            answer(id, prove(settled.job));
        }));
    const auto before = node->snapshot();
    ASSERT_TRUE(before);
    ASSERT_TRUE(submit(*node, asking_for_proof(0, 3, 1)));
    ASSERT_TRUE(reaches(*node, 1));
    ASSERT_TRUE(node->revert(before.value()));
    ASSERT_EQ(node->chain().head_number(), 0U);
    ASSERT_TRUE(submit(*node, asking_for_proof(0, 3, 1)));
    ASSERT_TRUE(reaches(*node, 1));
    EXPECT_EQ(node->chain().block(1)->outcomes.size(), 1U);
    EXPECT_EQ(proofs, 1) << "it is known already";
}

}  // namespace
}  // namespace valence::node::testing
