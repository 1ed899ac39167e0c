// What checking proofs costs is told beforehand, of models that were made to be dear as of any other.
#include "valence/zk/protocol/argument/proof_cost.hpp"

#include <gtest/gtest.h>

#include "valence/ml/functions/table.hpp"
#include "valence/ml/graph/validate.hpp"
#include "valence/zk/protocol/argument/checking_work.hpp"
#include "valence/zk/protocol/argument/statement.hpp"
#include "valence/zk/protocol/circuit/circuit_error.hpp"
#include "valence/zk/protocol/circuit/compile.hpp"
#include "valence/zk/protocol/testing/multiplying_graph.hpp"

namespace valence::zk {
namespace {

ProofCost cost_of(const ml::Graph& graph) {
    const auto valid = ml::validate(graph);
    EXPECT_TRUE(valid) << valid.error().message();
    const auto cost = proof_cost(graph);
    EXPECT_TRUE(cost) << cost.error().message();
    return cost ? cost.value() : ProofCost{};
}

TEST(ProofCosts, GrowWithTheFunctionalsThatMovementsMake) {
    const ProofCost small = cost_of(testing::multiplying_graph(6));
    const ProofCost large = cost_of(testing::multiplying_graph(9));
    // Three layers more, and less than twice the circuit.
    EXPECT_LT(large.quantities, 2 * small.quantities);
    EXPECT_GT(large.touched, 8 * small.touched);
    EXPECT_GT(large.work, 3 * large.touched);
    EXPECT_GE(large.most_touched, large.touched);
    EXPECT_GE(large.measured, large.touched);
}

TEST(ProofCosts, AreFoundOutWithinABound) {
    const ml::Graph graph = testing::multiplying_graph(13);
    EXPECT_EQ(proof_cost(graph, kProfile100, 1 << 20).error(), Error(CircuitError::too_large));
    // No input is made that is larger than the bound either.
    ml::Graph wide = ml::testing::one_node(ml::Sum{{0, 1}, 1, {.shift = 24}},
                                           {{ml::testing::kActivation, {1 << 15, 1 << 15}, 8}},
                                           {ml::testing::kActivation, {1, 1}, 8});
    EXPECT_EQ(proof_cost(wide).error(), Error(CircuitError::too_large));
}

/// The same functionals, on the first or the last elements of a long axis: there they are alike but for
/// these, and to be told apart all pairs of them are compared.
TEST(ProofCosts, CountWhatComparingFunctionalsTakes) {
    constexpr std::uint32_t kLong = 1 << 16;
    const auto of_part = [&](std::uint32_t start) {
        ml::Graph graph = testing::multiplying_graph(6);
        const ml::Shape part = graph.main.tensors[0].shape;
        const auto whole = static_cast<ml::TensorId>(graph.main.tensors.size());
        graph.main.tensors.push_back({ml::testing::kActivation, {part[0], kLong}, 8});
        graph.main.inputs = {whole};
        graph.inputs[0].tensor = whole;
        graph.main.nodes.insert(graph.main.nodes.begin(), {ml::Slice{{0, start}, {1, 1}}, {whole}, {0}, ""});
        return cost_of(graph);
    };
    const ProofCost first = of_part(0);
    const ProofCost last = of_part(kLong - 2);
    EXPECT_EQ(first.quantities, last.quantities);
    // 28 functionals are left: 378 pairs, eight values for a number.
    EXPECT_GT(last.touched, first.touched + 350 * (kLong / 8));
}

// Indices among the inputs may name the last elements of a long axis, and what they name is paid for.
TEST(ProofCosts, CoverIndicesOfTheLastElements) {
    constexpr std::uint32_t kLong = 1 << 16;
    ml::Graph graph = testing::multiplying_graph(6);
    const ml::Shape part = graph.main.tensors[0].shape;
    const auto whole = static_cast<ml::TensorId>(graph.main.tensors.size());
    const ml::TensorId indices = whole + 1;
    graph.main.tensors.push_back({ml::testing::kActivation, {part[0], kLong}, 8});
    graph.main.tensors.push_back({ml::ElementType::index, {part[1]}, 0});
    graph.main.inputs = {whole, indices};
    graph.inputs[0].tensor = whole;
    graph.inputs.push_back({"places", "", indices, {}});
    graph.main.nodes.insert(graph.main.nodes.begin(), {ml::Gather{1, {}}, {whole, indices}, {0}, ""});
    const ProofCost cost = cost_of(graph);

    const std::vector<ml::Values> inputs{
        {ml::testing::kActivation, {part[0], kLong}, std::vector<std::int64_t>(part[0] * kLong)},
        {ml::ElementType::index, {part[1]}, {kLong - 1, kLong - 2}}};
    GivenSaturations none(std::vector<Saturation>(8));
    const Circuit circuit = compile(graph, none, inputs).value();
    const auto touched = checking_work(circuit, graph, inputs, std::uint64_t{1} << 32);
    ASSERT_TRUE(touched);
    EXPECT_LE(touched.value().touched, cost.touched);
}

// Of tensors of one element most of the time goes into the definitions, not into numbers.
TEST(ProofCosts, CountDefinitionsWhereverTheyAreFoundOut) {
    const ml::Tensor one{ml::testing::kActivation, {1}, 8};
    const ProofCost cost = cost_of(ml::testing::one_node(ml::Normalise{}, {one}, one));
    EXPECT_GT(cost.quantities, 60U);
    EXPECT_GT(cost.measured, 512 * cost.quantities + cost.touched);
}

/// One of few inputs, and beside it many that nothing is done with: to make those takes more than all else.
ml::Graph with_unused_input(std::uint32_t unused) {
    ml::Graph graph = ml::testing::one_node(
        ml::Slice{{0}, {1}}, {{ml::testing::kActivation, {16}, 8}, {ml::testing::kActivation, {unused}, 8}},
        {ml::testing::kActivation, {1}, 8});
    graph.main.nodes[0].inputs.resize(1);
    return graph;
}

// Gas is charged by what is said, whoever finds it out: a node that remembers a cost takes a registration for
// it, one that doesn't must be able to find it out within as much.
TEST(ProofCosts, AreFoundOutWithAsMuchAsTheySay) {
    for (const ml::Graph& graph : {testing::multiplying_graph(6), with_unused_input(1 << 16)}) {
        const ProofCost cost = cost_of(graph);
        const auto again = proof_cost(graph, kProfile100, cost.measured);
        ASSERT_TRUE(again) << again.error().message();
        EXPECT_EQ(again.value(), cost);
        EXPECT_EQ(proof_cost(graph, kProfile100, cost.measured - 1).error(), Error(CircuitError::too_large));
    }
}

// Inputs that say where elements go keep claims apart that would be one if they all said the same, or
// nothing: honest proofs of such runs are checked within the bound.
TEST(ProofCosts, CoverRunsWhoseIndicesMoveElements) {
    for (const std::uint32_t layers : {4, 8, 11}) {
        const testing::MultiplyingGraph made(layers, testing::OrderedBy::inputs);
        const ProofCost cost = cost_of(made.graph);
        GivenSaturations none(std::vector<Saturation>(8));
        const Circuit circuit = compile(made.graph, none, made.inputs).value();
        const auto touched = checking_work(circuit, made.graph, made.inputs, std::uint64_t{1} << 32);
        ASSERT_TRUE(touched);
        EXPECT_LE(touched.value().touched, cost.most_touched) << layers;
    }
}

// Nodes forget tables of functions, and differ in which: a proof pays for building them again. Knots of
// functions without parameters are kept by all.
TEST(ProofCosts, CountTheTablesThatANodeMayForget) {
    const auto with = [](ml::Function function) {
        const ml::Tensor three{ml::ElementType::activation, ml::Shape{3}, 8};
        return ml::testing::one_node(ml::Lookup{{function, 8, 8, 0, 0}}, {three}, three);
    };
    EXPECT_EQ(cost_of(with(ml::Function::gelu)).table_building, 0U);
    EXPECT_EQ(cost_of(with(ml::Function::silu)).table_building, 1'700'000U);
    EXPECT_EQ(cost_of(with(ml::Function::square_root)).table_building, 3'500'000U);
    EXPECT_EQ(cost_of(with(ml::Function::hard_swish)).table_building, 2'500'000U);
    const ProofCost before = cost_of(with(ml::Function::power));
    EXPECT_EQ(before.table_building, 16'000'000U);
    EXPECT_GT(before.work, before.table_building);
    static_cast<void>(ml::tabulate({ml::Function::power, 8, 8, 0, 0}));
    EXPECT_EQ(cost_of(with(ml::Function::power)), before);
}

// A kernel as long as the line it slides over: products of its weights and the outputs' are many more than
// both.
TEST(ProofCosts, CountWhatConvolutionsSpread) {
    constexpr std::uint32_t kTaps = 2'048, kWidth = 2 * kTaps;
    ml::Convolution convolution{0, {}, {}, {}, 1, {.shift = 16}};
    convolution.window.size = {1, kTaps};
    const ml::Graph graph = ml::testing::one_node(
        convolution, {{ml::testing::kActivation, {1, 1, 1, kWidth}, 8}},
        {ml::testing::kActivation, {1, 1, 1, kWidth - kTaps + 1}, 8},
        {ml::testing::weight(ml::WeightType::int8, {1, 1, 1, kTaps}, std::vector<std::int64_t>(kTaps, 1))});
    const ProofCost cost = cost_of(graph);
    EXPECT_GT(cost.touched, std::uint64_t{kTaps} * kTaps);
    EXPECT_GT(cost.work, std::uint64_t{kTaps} * kTaps);
}

/// A tree that is a chain of so many inner nodes, and one that is a leaf.
ml::Graph chain_and_leaf(std::int64_t depth) {
    std::vector<std::int64_t> nodes;
    for (std::int64_t row = 0; row < depth; ++row)
        nodes.insert(nodes.end(), {0, row, row + 1, depth});
    nodes.insert(nodes.end(), {-1, 0, 0, 0});
    const auto rows = static_cast<std::uint32_t>(depth + 1);
    const auto steps = static_cast<std::uint64_t>(depth + 2);
    return ml::testing::one_node(ml::TreeEnsemble{0, 1, 2, {}, {.shift = 8}, steps},
                                 {{ml::testing::kActivation, {1, 1}, 8}},
                                 {ml::testing::kActivation, {1, 1}, 8},
                                 {ml::testing::weight(ml::WeightType::int32, {rows, 4}, nodes),
                                  ml::testing::weight(ml::WeightType::int32, {2}, {0, depth}),
                                  ml::testing::weight(ml::WeightType::int64, {1, 1}, {7})});
}

TEST(ProofCosts, CountTheLevelsOfTrees) {
    const ProofCost shallow = cost_of(chain_and_leaf(2));
    const ProofCost deep = cost_of(chain_and_leaf(20));
    EXPECT_GT(deep.quantities, 3 * shallow.quantities);
    EXPECT_GT(deep.most_bytes, shallow.most_bytes);
}

}  // namespace
}  // namespace valence::zk
