// Whole proofs: what the reference computes is proved and accepted; anything else is refused.
#include "valence/zk/prover/prove.hpp"

#include <random>
#include <tuple>

#include <gtest/gtest.h>

#include "valence/ml/reference/evaluate.hpp"
#include "valence/ml/testing/random_graph.hpp"
#include "valence/ml/testing/small_graphs.hpp"
#include "valence/zk/verifier/verify.hpp"

namespace valence::zk {
namespace {

constexpr std::uint8_t kContext[] = {1, 2, 3};

struct Proof {
    ProvingModel model;
    std::vector<ml::Values> inputs;
    Proved proved;

    Statement statement() const { return {model.provable().id, inputs, proved.outputs, kContext}; }
};

/// Of a random graph; nothing if it has an operation that no proof covers.
std::optional<Proof> proof_of(std::uint64_t seed, const SecurityProfile& profile) {
    const auto graph = std::make_shared<const ml::Graph>(
        ml::testing::random_graph(seed, {.nodes = 4, .elements = 150, .only = -1}));
    auto model = ProvingModel::commit(graph);
    if (!model) {
        EXPECT_EQ(model.error().code, make_error_code(CircuitError::unsupported_operation));
        return {};
    }
    auto inputs = ml::testing::random_inputs(*graph, seed);
    auto proved = prove(model.value(), inputs, kContext, profile);
    if (!proved) {
        ADD_FAILURE() << proved.error().message();
        return {};
    }
    return Proof{std::move(model).value(), std::move(inputs), std::move(proved).value()};
}

/// The first random graph from `seed` on that proofs cover and that has some weights.
Proof some_proof(std::uint64_t seed, const SecurityProfile& profile = kProfile100) {
    for (;; ++seed) {
        auto proof = proof_of(seed, profile);
        if (proof && !proof->model.tables().empty()) return std::move(*proof);
    }
}

TEST(Proofs, OfRandomGraphsAreAcceptedAndGiveTheReferencesOutputs) {
    int proved = 0;
    for (std::uint64_t seed = 0; seed < 120; ++seed) {
        SCOPED_TRACE(seed);
        const auto proof = proof_of(seed, seed % 4 == 0 ? kProfile128 : kProfile100);
        if (!proof) continue;
        ++proved;
        EXPECT_EQ(proof->proved.outputs, ml::evaluate(proof->model.graph(), proof->inputs).value());
        const auto verdict = verify(proof->model.provable(), proof->statement(), proof->proved.proof);
        ASSERT_TRUE(verdict) << verdict.error().message();
    }
    EXPECT_GT(proved, 5);
}

/// y = max(x >> 9, 0) or x >> 9, of so many elements.
std::shared_ptr<const ml::Graph> shifted(std::uint32_t elements, std::int16_t low) {
    ml::Graph graph;
    for (int tensor = 0; tensor < 2; ++tensor)
        graph.main.tensors.push_back({ml::ElementType::activation, {elements}, 8});
    graph.main.inputs = {0};
    graph.main.outputs = {1};
    graph.inputs.push_back({"x", "", 0, {}});
    graph.outputs.push_back({"y", "", 1, {}});
    graph.main.nodes.push_back({ml::Combination{{3}, {}, {9, low, 32767}}, {0}, {1}, "shifted"});
    return std::make_shared<const ml::Graph>(std::move(graph));
}

/// One row of as many weights as inputs for each output.
std::shared_ptr<const ml::Graph> dense(std::uint32_t outputs, std::uint32_t inputs) {
    std::mt19937_64 random(outputs);
    std::vector<std::int64_t> weights;
    for (std::uint64_t k = 0; k < std::uint64_t{outputs} * inputs; ++k)
        weights.push_back(static_cast<std::int8_t>(random()));
    return std::make_shared<const ml::Graph>(ml::testing::one_node(
        ml::Linear{0, {}, {}, {.shift = 12}}, {{ml::testing::kActivation, {1, inputs}, 8}},
        {ml::testing::kActivation, {1, outputs}, 8},
        {ml::testing::weight(ml::WeightType::int8, {outputs, inputs}, weights)}));
}

// Of wide weights, and of narrow ones.
TEST(Proofs, OpenNoRowsOfWeightsThatAreZero) {
    const std::tuple<std::uint32_t, std::uint32_t, std::size_t> cases[] = {{150, 128, 12}, {2'100, 256, 20}};
    for (const auto& [outputs, inputs, rows] : cases) {
        SCOPED_TRACE(outputs);
        const auto model = ProvingModel::commit(dense(outputs, inputs)).value();
        ASSERT_EQ(model.tables().size(), 1U);
        const TableShape shape = model.tables()[0]->shape();
        EXPECT_EQ(shape.oracle().rows, rows);
        EXPECT_GT(shape.matrix().rows, rows);
        EXPECT_EQ(size_of(model.tables()[0]->values()), rows * shape.oracle().columns());
        const auto given = ml::testing::random_inputs(model.graph(), 1);
        const auto proved = prove(model, given, kContext).value();
        EXPECT_EQ(proved.outputs, ml::evaluate(model.graph(), given).value());
        EXPECT_TRUE(
            verify(model.provable(), {model.provable().id, given, proved.outputs, kContext}, proved.proof));
    }
}

TEST(Proofs, OfManyActivationsHaveWideLimbs) {
    const std::pair<std::uint32_t, std::int16_t> cases[] = {{13'000, 0}, {25'000, -32768}};
    for (const auto& [elements, low] : cases) {
        const auto graph = shifted(elements, low);
        const auto model = ProvingModel::commit(graph).value();
        const auto inputs = ml::testing::random_inputs(*graph, 1);
        const auto proved = prove(model, inputs, kContext).value();
        EXPECT_EQ(proved.outputs, ml::evaluate(*graph, inputs).value());
        const auto verdict =
            verify(model.provable(), {model.provable().id, inputs, proved.outputs, kContext}, proved.proof);
        ASSERT_TRUE(verdict) << verdict.error().message();
        for (std::size_t at = 2; at < proved.proof.size(); at += 1 + proved.proof.size() / 50) {
            Bytes changed = proved.proof;
            changed[at] ^= 1;
            EXPECT_FALSE(
                verify(model.provable(), {model.provable().id, inputs, proved.outputs, kContext}, changed));
        }
    }
}

TEST(Proofs, AreOfOneStatementOnly) {
    const Proof proof = some_proof(0);
    const auto& model = proof.model.provable();
    const auto refused = [&](const Statement& statement) {
        return !verify(model, statement, proof.proved.proof).has_value();
    };
    EXPECT_FALSE(refused(proof.statement()));

    auto inputs = proof.inputs;
    inputs[0].data[0] ^= 1;
    EXPECT_TRUE(refused({model.id, inputs, proof.proved.outputs, kContext}));
    auto outputs = proof.proved.outputs;
    outputs[0].data[0] ^= 1;
    EXPECT_TRUE(refused({model.id, proof.inputs, outputs, kContext}));
    const std::uint8_t other[] = {1, 2, 4};
    EXPECT_TRUE(refused({model.id, proof.inputs, proof.proved.outputs, other}));
    EXPECT_TRUE(refused({ml::ModelId{}, proof.inputs, proof.proved.outputs, kContext}));
    EXPECT_TRUE(refused({model.id, {}, proof.proved.outputs, kContext}));
}

TEST(Proofs, NoByteCanBeChanged) {
    const Proof proof = some_proof(3);
    std::mt19937_64 random(1);
    for (int round = 0; round < 300; ++round) {
        Bytes changed = proof.proved.proof;
        // The head and the first messages byte by byte, then anywhere.
        const std::size_t at = round < 100 ? static_cast<std::size_t>(round) : random() % changed.size();
        changed[at] = static_cast<std::uint8_t>(changed[at] ^ (1U << (random() % 8)));
        EXPECT_FALSE(verify(proof.model.provable(), proof.statement(), changed).has_value()) << "byte " << at;
    }
}

TEST(Proofs, AreNeitherCutNorContinued) {
    const Proof proof = some_proof(6);
    const Bytes& bytes = proof.proved.proof;
    for (std::size_t length = 0; length < bytes.size(); length += 1 + bytes.size() / 97)
        EXPECT_FALSE(
            verify(proof.model.provable(), proof.statement(), BytesView(bytes).first(length)).has_value());
    Bytes longer = bytes;
    longer.push_back(0);
    const auto verdict = verify(proof.model.provable(), proof.statement(), longer);
    ASSERT_FALSE(verdict.has_value());
    EXPECT_EQ(verdict.error().code, make_error_code(ProofError::trailing_bytes));
}

TEST(Proofs, OfOtherWeightsAreRefused) {
    const Proof proof = some_proof(9);
    ml::Graph other = proof.model.graph();
    bool changed = false;
    for (ml::Weight& weight : other.weights) {
        if (weight.type != ml::WeightType::int8 && weight.type != ml::WeightType::int16) continue;
        weight.data[0] ^= 1;
        changed = true;
        break;
    }
    if (!changed) GTEST_SKIP() << "a graph without small weights";
    EXPECT_EQ(ProvingModel::commit(std::make_shared<const ml::Graph>(other)).error(),
              Error(ProofError::wrong_commitment));
    other.commitment.clear();
    const auto committed = ProvingModel::commit(std::make_shared<const ml::Graph>(other)).value();
    auto provable = committed.provable();
    EXPECT_NE(provable.id, proof.model.provable().id);
    // Even under the same id the root decides.
    provable.id = proof.model.provable().id;
    EXPECT_FALSE(verify(provable, proof.statement(), proof.proved.proof).has_value());
}

}  // namespace
}  // namespace valence::zk
