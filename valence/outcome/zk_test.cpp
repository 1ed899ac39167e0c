// ZK outcomes: a proof is of one job, one payee and one chain, and nothing else is believed.
#include <gtest/gtest.h>

#include "valence/ml/testing/random_graph.hpp"
#include "valence/outcome/outcome.hpp"
#include "valence/outcome/testing/proving.hpp"
#include "valence/outcome/testing/tiny_model.hpp"
#include "valence/zk/protocol/circuit/circuit_error.hpp"
#include "valence/zk/verifier/verify.hpp"

namespace valence::outcome {
namespace {

constexpr std::uint64_t kChain = 1986;
constexpr auto kPayee = "0x00000000000000000000000000000000000000aa"_address;

bool fails(const Result<void>& result, OutcomeError code) {
    return result.has_error() && result.error() == Error{code};
}

zk::ProvingModel commit(ml::Graph graph) {
    return zk::ProvingModel::commit(std::make_shared<const ml::Graph>(std::move(graph))).value();
}

class ProvedOutcomes : public ::testing::Test {
protected:
    Result<void> verified(const Settled& entry, std::uint64_t chain = kChain, std::uint64_t block = 7) {
        return verify(entry, {chain, block, no_files, models, known});
    }
    Bytes& proof_of(Settled& entry) { return std::get<ZkEvidence>(entry.outcome.evidence).proof; }

    // Proofs are checked without any file.
    NoModels no_files;
    testing::GivenProvable models;
    VerifiedProofs* known = nullptr;
    zk::ProvingModel tiny = commit(testing::tiny_graph());
    ml::ModelId id = models.add(tiny);
    Settled proved = testing::proved(tiny, kChain, kPayee, {10, 4});
};

TEST_F(ProvedOutcomes, AreBelieved) {
    EXPECT_EQ(proved.outcome.output, Integers{8});
    const auto verdict = verified(proved);
    EXPECT_TRUE(verdict) << verdict.error().message();
    // In whatever block: nothing in it expires.
    EXPECT_TRUE(verified(proved, kChain, 1'000'000));
}

TEST_F(ProvedOutcomes, AreOfOneChainJobPayeeAndOutput) {
    EXPECT_TRUE(fails(verified(proved, kChain + 1), OutcomeError::wrong_proof));
    auto entry = proved;
    entry.outcome.payee.bytes[19] ^= 1;
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_proof));
    entry = proved;
    entry.outcome.output = {9};
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_proof));
    // The same answer to another question.
    entry = proved;
    entry.job.input = {13, 6};
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_proof));
    entry = proved;
    entry.job.model = models.add(commit(testing::tiny_graph(1)));
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_proof));
}

// Gas is for this profile: the larger field takes up to four times as long.
TEST_F(ProvedOutcomes, AreOfTheProfileThatIsPaidFor) {
    const auto inputs = input_tensors(tiny.graph(), proved.job.input).value();
    const auto context = proof_context(kChain, job_id(proved.job), kPayee);
    proof_of(proved) = zk::prove(tiny, inputs, context, zk::kProfile128).value().proof;
    proof_of(proved).resize(
        std::min<std::uint64_t>(proof_of(proved).size(), models.provable(id)->cost.most_bytes));
    const auto verdict = verified(proved);
    EXPECT_TRUE(fails(verdict, OutcomeError::wrong_proof));
    EXPECT_NE(verdict.error().message().find("profile"), std::string::npos) << verdict.error().message();
}

TEST_F(ProvedOutcomes, HaveTheModelsForm) {
    auto entry = proved;
    entry.outcome.output = {8, 0};
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_output));
    entry.outcome.output = {40'000};
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_output));
    entry = proved;
    entry.job.input = {10};
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_input));
    entry = proved;
    entry.job.salt.bytes[0] = 1;
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_salt));
    entry = proved;
    entry.job.operator_address = kPayee;
    EXPECT_TRUE(fails(verified(entry), OutcomeError::malformed));
    entry = proved;
    entry.job.model.bytes[0] ^= 1;
    EXPECT_TRUE(fails(verified(entry), OutcomeError::not_provable));
}

TEST_F(ProvedOutcomes, WithMangledProofsAreRefused) {
    const auto size = proof_of(proved).size();
    for (std::size_t at = 0; at < size; at += 1 + size / 64) {
        auto entry = proved;
        proof_of(entry)[at] ^= 1;
        EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_proof)) << at;
    }
    auto entry = proved;
    proof_of(entry).clear();
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_proof));
    proof_of(entry).assign(models.provable(id)->cost.most_bytes + 1, 0);
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_proof));
}

TEST_F(ProvedOutcomes, AreEvidenceOfTheirModeOnly) {
    auto entry = proved;
    entry.outcome.evidence = ReplayEvidence{};
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_evidence));
    entry = proved;
    entry.job.mode = Mode::replay;
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_evidence));
    entry = proved;
    entry.outcome = {{}, {}, Unavailable{UnavailableReason::no_capable_node}};
    EXPECT_TRUE(verified(entry));
}

TEST_F(ProvedOutcomes, ThatWereVerifiedAreKnownByAllTheySay) {
    VerifiedProofs proofs;
    known = &proofs;
    EXPECT_TRUE(verified(proved));
    EXPECT_TRUE(verified(proved));
    EXPECT_TRUE(fails(verified(proved, kChain + 1), OutcomeError::wrong_proof));
    auto entry = proved;
    entry.outcome.payee.bytes[0] ^= 1;
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_proof));
    entry = proved;
    entry.outcome.output = {9};
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_proof));
    entry = proved;
    proof_of(entry).back() ^= 1;
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_proof));
    // And what was refused is not known.
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_proof));
}

TEST_F(ProvedOutcomes, ReadBackAndAreBounded) {
    const std::vector<Settled> list{proved};
    EXPECT_EQ(decode_settled(encode_settled(list)).value(), list);
    auto entry = proved;
    proof_of(entry).assign(kMaxProofBytes, 7);
    EXPECT_TRUE(decode_settled(encode_settled(std::vector{entry})));
    proof_of(entry).push_back(7);
    EXPECT_TRUE(decode_settled(encode_settled(std::vector{entry})).has_error());
}

TEST(KnownProofs, ForgetTheOldest) {
    VerifiedProofs proofs(2);
    proofs.add(Hash{{1}});
    proofs.add(Hash{{2}});
    proofs.add(Hash{{2}});
    EXPECT_TRUE(proofs.contains(Hash{{1}}));
    proofs.add(Hash{{3}});
    EXPECT_FALSE(proofs.contains(Hash{{1}}));
    EXPECT_TRUE(proofs.contains(Hash{{2}}));
    EXPECT_TRUE(proofs.contains(Hash{{3}}));
}

/// Whether the graph's proofs, if it has any, are within what is told beforehand.
bool bounded(std::uint64_t seed, const ml::testing::RandomGraphOptions& options) {
    const auto graph = std::make_shared<const ml::Graph>(ml::testing::random_graph(seed, options));
    const auto model = zk::ProvingModel::commit(graph);
    if (!model) return false;
    const auto inputs = ml::testing::random_inputs(*graph, seed);
    const auto proof = zk::prove(model.value(), inputs, {});
    EXPECT_TRUE(proof) << proof.error().message();
    const auto cost = zk::proof_cost(*graph);
    EXPECT_TRUE(cost) << cost.error().message();
    EXPECT_LE(proof.value().proof.size(), cost.value().most_bytes);
    EXPECT_GE(proof.value().proof.size() * 4, cost.value().most_bytes) << "a bound that says little";
    const auto& provable = model.value().provable();
    const zk::Statement statement{provable.id, inputs, proof.value().outputs, {}};
    const auto verdict = zk::verify(provable, statement, proof.value().proof, cost.value().most_touched);
    EXPECT_TRUE(verdict) << verdict.error().message();
    EXPECT_EQ(zk::verify(provable, statement, proof.value().proof, 10).error(),
              Error(zk::CircuitError::too_large));
    return true;
}

TEST(ProofCosts, BoundProofsOfRandomGraphs) {
    int proved = 0;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        SCOPED_TRACE(seed);
        proved += bounded(seed, {.nodes = 4, .elements = 150, .only = -1}) ? 1 : 0;
    }
    EXPECT_GT(proved, 5);
}

TEST(ProofCosts, BoundProofsOfEveryOperation) {
    int proved = 0;
    for (std::size_t kind = 0; kind < std::variant_size_v<ml::Operation>; ++kind) {
        SCOPED_TRACE(kind);
        proved += bounded(7, {.nodes = 2, .elements = 100, .only = static_cast<int>(kind)}) ? 1 : 0;
    }
    EXPECT_GT(proved, 20);
}

}  // namespace
}  // namespace valence::outcome
