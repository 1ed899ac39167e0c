// Commitments: what a key with one says stands for the model, and a changed one is refused or is another's.
#include "valence/zk/prover/proving_model.hpp"

#include <gtest/gtest.h>

#include "valence/ml/graph/model_error.hpp"
#include "valence/ml/model/vmodel.hpp"
#include "valence/ml/testing/random_graph.hpp"
#include "valence/zk/protocol/circuit/compile.hpp"
#include "valence/zk/protocol/circuit/public_weights.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"
#include "valence/zk/prover/prove.hpp"
#include "valence/zk/verifier/verify.hpp"

namespace valence::zk {
namespace {

/// The first random graph from `seed` on of which there are proofs, and that has weights of both sorts.
ml::Graph some_graph(std::uint64_t seed) {
    for (;; ++seed) {
        const ml::Graph graph = ml::testing::random_graph(seed, {.nodes = 3, .elements = 60, .only = -1});
        const auto is_public = public_weights(graph);
        if (std::count(is_public.begin(), is_public.end(), true) == 0) continue;
        auto model = committed(graph);
        if (!model) continue;
        const Commitment commitment = decode_commitment(model.value().commitment, graph).value();
        if (cell_count(commitment.tables) > 0) return std::move(model).value();
    }
}

ml::VerifyingKey key_of(const ml::Graph& graph) {
    return ml::decode_verifying_key(ml::encode_verifying_key(ml::verifying_key(graph))).value();
}

Result<ProvableModel> with_commitment(const ml::Graph& graph, Bytes commitment) {
    ml::VerifyingKey key = key_of(graph);
    key.commitment = std::move(commitment);
    return provable_model(key);
}

TEST(Commitment, InItsKeyStandsForTheModel) {
    const ml::Graph graph = some_graph(0);
    const auto model = provable_model(key_of(graph));
    ASSERT_TRUE(model) << model.error().message();
    EXPECT_EQ(model.value().id, ml::model_id(graph));

    const auto prover = ProvingModel::commit(std::make_shared<const ml::Graph>(graph)).value();
    EXPECT_EQ(prover.provable().id, model.value().id);
    EXPECT_EQ(prover.provable().tables, model.value().tables);
    const auto inputs = ml::testing::random_inputs(graph, 1);
    const auto proved = prove(prover, inputs, {}).value();
    const auto verdict = verify(model.value(), {model.value().id, inputs, proved.outputs, {}}, proved.proof);
    EXPECT_TRUE(verdict) << verdict.error().message();
}

TEST(Commitment, TravelsInTheModelsFile) {
    const ml::Graph graph = some_graph(10);
    EXPECT_EQ(ml::decode_model(ml::encode_model(graph)).value(), graph);
    EXPECT_TRUE(check_commitment(graph));
}

TEST(Commitment, IsMadeWhereThereIsNone) {
    ml::Graph graph = some_graph(0);
    const Bytes commitment = std::exchange(graph.commitment, {});
    EXPECT_EQ(check_commitment(graph).error(), Error(ProofError::no_commitment));
    EXPECT_EQ(provable_model(key_of(graph)).error(), Error(ProofError::no_commitment));
    const auto model = ProvingModel::commit(std::make_shared<const ml::Graph>(graph)).value();
    EXPECT_EQ(model.graph().commitment, commitment);
    EXPECT_NE(model.provable().id, ml::model_id(graph));
}

TEST(Commitment, HasNoBytesOfCommittedWeights) {
    const ml::Graph graph = some_graph(20);
    const auto model = provable_model(key_of(graph)).value();
    const auto is_public = public_weights(graph);
    for (std::size_t id = 0; id < is_public.size(); ++id)
        EXPECT_EQ(model.graph->weights[id].data, is_public[id] ? graph.weights[id].data : Bytes{});
}

TEST(Commitment, IsNeitherCutNorContinued) {
    const ml::Graph graph = some_graph(0);
    const Bytes& bytes = graph.commitment;
    for (std::size_t size = 1; size < bytes.size(); ++size) {
        const auto model = with_commitment(graph, base::to_bytes(BytesView(bytes).first(size)));
        ASSERT_FALSE(model.has_value()) << size;
        EXPECT_EQ(model.error(), Error(ProofError::truncated)) << size;
    }
    Bytes longer = bytes;
    longer.push_back(0);
    EXPECT_EQ(with_commitment(graph, longer).error(), Error(ProofError::trailing_bytes));
}

TEST(Commitment, OfAnotherVersionOrOfTooManyCellsIsRefused) {
    const ml::Graph graph = some_graph(0);
    Bytes bytes = graph.commitment;
    bytes[0] = kCommitmentVersion + 1;
    EXPECT_EQ(with_commitment(graph, bytes).error(), Error(ProofError::unknown_format));
    bytes = graph.commitment;
    bytes[bytes.size() - Hash::kSize - 1] = 30;
    EXPECT_EQ(with_commitment(graph, bytes).error(), Error(ProofError::not_canonical));
}

/// Whatever a key says, the weights decide.
TEST(Commitment, OfOtherWeightsIsWrong) {
    const ml::Graph graph = some_graph(0);
    for (std::size_t at = 0; at < graph.commitment.size(); ++at) {
        ml::Graph changed = graph;
        changed.commitment[at] ^= 1;
        EXPECT_FALSE(check_commitment(changed)) << at;
        EXPECT_FALSE(ProvingModel::commit(std::make_shared<const ml::Graph>(changed))) << at;
        EXPECT_NE(ml::model_id(changed), ml::model_id(graph)) << at;
    }
    ml::Graph wrong_root = graph;
    wrong_root.commitment.back() ^= 1;
    EXPECT_EQ(check_commitment(wrong_root).error(), Error(ProofError::wrong_commitment));
    const ml::Graph other = some_graph(50);
    ml::Graph swapped = graph;
    swapped.commitment = other.commitment;
    EXPECT_FALSE(check_commitment(swapped));
}

/// Before memory is taken for them: the gas for opening a model is that of the cells its key names.
TEST(Commitment, ToAnotherNumberOfCellsIsWrong) {
    ml::Graph graph = some_graph(0);
    Commitment commitment = decode_commitment(graph.commitment, graph).value();
    for (auto& table : commitment.tables) {
        if (table) table->variables += 1;
    }
    graph.commitment = encode_commitment(graph, commitment.tables);
    EXPECT_EQ(check_commitment(graph).error(), Error(ProofError::wrong_commitment));
    EXPECT_EQ(check_commitment(graph).error().context, "another number of cells");
}

TEST(Commitment, PublicWeightsAreWithinTheirBounds) {
    const ml::Graph graph = [] {
        for (std::uint64_t seed = 0;; ++seed) {
            ml::Graph each = ml::testing::random_graph(seed, {.nodes = 6, .elements = 60, .only = -1});
            for (const ml::Node& node : each.main.nodes) {
                if (std::holds_alternative<ml::Selection>(node.operation)) return each;
            }
        }
    }();
    EXPECT_TRUE(check_public_weights(graph));
    for (const ml::Node& node : graph.main.nodes) {
        const auto* selection = std::get_if<ml::Selection>(&node.operation);
        if (selection == nullptr) continue;
        for (const std::uint8_t top :
             {std::uint8_t{0x7f}, std::uint8_t{0x80}}) {  // far past every extent; negative
            ml::Graph changed = graph;
            changed.weights[selection->indices].data[3] = top;
            EXPECT_EQ(check_public_weights(changed).error(), Error(ml::ModelError::invalid_node));
            EXPECT_EQ(with_commitment(graph, encode_commitment(changed, {})).error(),
                      Error(ml::ModelError::invalid_node));
        }
    }
}

}  // namespace
}  // namespace valence::zk
