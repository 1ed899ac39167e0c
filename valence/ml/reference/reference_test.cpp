// Each operation against numbers worked out by hand, and that random graphs of every operation stay within
// the ranges of their tensors.
#include <gtest/gtest.h>

#include "valence/ml/graph/model_error.hpp"
#include "valence/ml/reference/evaluate.hpp"
#include "valence/ml/testing/graph_builder.hpp"
#include "valence/ml/testing/random_graph.hpp"

namespace valence::ml {
namespace {

using Elements = std::vector<std::int64_t>;

Values activations(const Shape& shape, const Elements& data) {
    return {ElementType::activation, shape, data};
}
Values indices(const Shape& shape, const Elements& data) { return {ElementType::index, shape, data}; }

Weight weight(WeightType type, const Shape& shape, const Elements& data) {
    Weight result{type, shape, {}};
    for (const std::int64_t element : data)
        for (std::size_t k = 0; k < width(type); ++k)
            result.data.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(element) >> (8 * k)));
    return result;
}

/// A graph of one node.
struct OneNode {
    Operation operation;
    std::vector<Values> inputs;
    std::vector<Weight> weights;
    std::vector<Subgraph> bodies;
};

std::vector<Values> run(const OneNode& one, const std::vector<Tensor>& outputs) {
    Graph graph;
    graph.bodies = one.bodies;
    graph.weights = one.weights;
    Node node{one.operation, {}, {}, ""};
    for (const Values& input : one.inputs) {
        node.inputs.push_back(static_cast<TensorId>(graph.main.tensors.size()));
        graph.main.tensors.push_back({input.type, input.shape, 0});
    }
    graph.main.inputs = node.inputs;
    for (const Tensor& output : outputs) {
        node.outputs.push_back(static_cast<TensorId>(graph.main.tensors.size()));
        graph.main.tensors.push_back(output);
    }
    graph.main.outputs = node.outputs;
    graph.main.nodes.push_back(node);
    return evaluate(graph, one.inputs).value();
}

/// The elements of the only output.
Elements elements(const OneNode& one, const Shape& shape, ElementType type = ElementType::activation) {
    return run(one, {{type, shape, 0}})[0].data;
}

TEST(Reference, RequantisesHalfUpAndSaturates) {
    const auto of = [](std::int64_t t, const Requantisation& to) { return reference::requantise(t, to); };
    EXPECT_EQ(of(3, {.shift = 1}), 2);    // 1.5
    EXPECT_EQ(of(-3, {.shift = 1}), -1);  // −1.5
    EXPECT_EQ(of(-1, {.shift = 1}), 0);   // −0.5
    EXPECT_EQ(of(-5, {.shift = 2}), -1);  // −1.25
    EXPECT_EQ(of(-7, {.shift = 0}), -7);
    EXPECT_EQ(of(1 << 20, {.shift = 2}), 32767);
    EXPECT_EQ(of(-(1 << 20), {.shift = 2}), -32768);
    EXPECT_EQ(of(-5, {.shift = 0, .low = 0}), 0);
    EXPECT_EQ(of(9, {.shift = 0, .low = 0, .high = 6}), 6);
}

TEST(Reference, LinearAddsTheBiasBeforeTheChannelsScale) {
    const OneNode one{
        Linear{0, 1, 2, {.shift = 1}},
        {activations({2, 2}, {1, 2, -3, 4})},
        {weight(WeightType::int8, {3, 2}, {1, 2, -1, 0, 127, -128}),
         weight(WeightType::int64, {3}, {10, 0, -1}), weight(WeightType::uint8, {3}, {0, 1, 2})},
        {}};
    // Row 1: 5 + 10 → 7.5; −1·2 → −1; (127 − 256 − 1)·4/2. Row 2: 5 + 10; 3·2/2; (−381 − 512 − 1)·4/2.
    EXPECT_EQ(elements(one, {2, 3}), (Elements{8, -1, -260, 8, 3, -1788}));
}

TEST(Reference, ConvolutionReadsZerosOutsideAndKeepsToItsGroup) {
    // Two groups of one channel each; 1×3 kernel, stride 2, padded by 1 on both sides.
    const Window window{
        .size = {1, 3}, .stride = {1, 2}, .dilation = {1, 1}, .before = {0, 1}, .after = {0, 1}};
    const OneNode one{Convolution{0, {}, {}, window, 2, {}},
                      {activations({1, 2, 1, 4}, {1, 2, 3, 4, 10, 20, 30, 40})},
                      {weight(WeightType::int8, {2, 1, 1, 3}, {1, 10, 100, 1, 0, -1})},
                      {}};
    EXPECT_EQ(elements(one, {1, 2, 1, 2}), (Elements{210, 432, -20, -20}));
}

TEST(Reference, ConvolutionDilatesItsTaps) {
    const Window window{
        .size = {2, 1}, .stride = {1, 1}, .dilation = {3, 1}, .before = {0, 0}, .after = {0, 0}};
    const OneNode one{
        Convolution{0, 1, {}, window, 1, {}},
        {activations({1, 1, 4, 1}, {1, 2, 3, 4})},
        {weight(WeightType::int16, {1, 1, 2, 1}, {1, 1000}), weight(WeightType::int64, {1}, {7})},
        {}};
    EXPECT_EQ(elements(one, {1, 1, 1, 1}), (Elements{4008}));
}

TEST(Reference, TransposedConvolutionSpreadsEachInput) {
    // Stride 2, kernel 3: input a at 0, 1, 2 and b at 2, 3, 4; one column cut on the left, one added right.
    const Window window{
        .size = {1, 3}, .stride = {1, 2}, .dilation = {1, 1}, .before = {0, 1}, .after = {0, 0}};
    const OneNode one{TransposedConvolution{0, {}, {}, window, {0, 1}, 1, {}},
                      {activations({1, 1, 1, 2}, {1, 5})},
                      {weight(WeightType::int8, {1, 1, 1, 3}, {1, 10, 100})},
                      {}};
    EXPECT_EQ(elements(one, {1, 1, 1, 5}), (Elements{10, 105, 50, 500, 0}));
}

TEST(Reference, MatrixProductPairsLeadingAxes) {
    const OneNode one{MatrixProduct{{.shift = 0}},
                      {activations({2, 1, 2}, {1, 2, 3, 4}), activations({2, 2, 1}, {5, 6, 7, 8})},
                      {},
                      {}};
    EXPECT_EQ(elements(one, {2, 1, 1}), (Elements{17, 53}));
}

TEST(Reference, CombinationBroadcastsInputsAndBias) {
    const OneNode one{Combination{{2, -1}, 0, {.shift = 0}},
                      {activations({2, 1}, {1, 2}), activations({3}, {10, 20, 30})},
                      {weight(WeightType::int64, {1, 3}, {100, 0, -100})},
                      {}};
    EXPECT_EQ(elements(one, {2, 3}), (Elements{92, -18, -128, 94, -16, -126}));
}

TEST(Reference, ProductRoundsHalfUp) {
    const OneNode one{
        Product{{.shift = 2}}, {activations({3}, {3, -3, -32768}), activations({}, {-2})}, {}, {}};
    EXPECT_EQ(elements(one, {3}), (Elements{-1, 2, 16384}));  // −1.5, 1.5
}

TEST(Reference, ScalingAddsTheBiasBeforeTheScale) {
    const OneNode one{Scaling{0, 1, 2, {.shift = 0}},
                      {activations({2, 2}, {1, 2, 3, 4})},
                      {weight(WeightType::int16, {2}, {10, -1}), weight(WeightType::int64, {2, 1}, {5, 0}),
                       weight(WeightType::uint8, {}, {1})},
                      {}};
    EXPECT_EQ(elements(one, {2, 2}), (Elements{30, 6, 60, -8}));
}

TEST(Reference, SumScalesTheTotal) {
    const OneNode one{
        Sum{{0, 2}, 3, {.shift = 1}}, {activations({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 9})}, {}, {}};
    EXPECT_EQ(elements(one, {1, 2, 1}), (Elements{21, 35}));  // 14·1.5, 23·1.5 = 34.5
}

TEST(Reference, AveragePoolDividesByWhatItsTableSays) {
    const Window window{
        .size = {1, 2}, .stride = {1, 2}, .dilation = {1, 1}, .before = {0, 1}, .after = {0, 1}};
    const auto x = activations({1, 1, 1, 2}, {6, 8});
    EXPECT_EQ(elements({AveragePool{window, 1, {}, {.shift = 1}}, {x}, {}, {}}, {1, 1, 1, 2}),
              (Elements{3, 4}));
    EXPECT_EQ(
        elements(
            {AveragePool{window, 1, 0, {.shift = 1}}, {x}, {weight(WeightType::int64, {1, 2}, {2, 1})}, {}},
            {1, 1, 1, 2}),
        (Elements{6, 4}));
}

TEST(Reference, MaxPoolTakesPaddingAsTheLeastActivation) {
    const Window window{
        .size = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}, .before = {0, 1}, .after = {0, 0}};
    EXPECT_EQ(elements({MaxPool{window}, {activations({1, 1, 1, 1}, {-7})}, {}, {}}, {1, 1, 1, 2}),
              (Elements{-32768, -7}));
}

TEST(Reference, ExtremaReduceAndCompare) {
    const auto x = activations({2, 2}, {3, -4, 3, 9});
    EXPECT_EQ(elements({ReduceExtremum{Extremum::maximum, {0}}, {x}, {}, {}}, {1, 2}), (Elements{3, 9}));
    EXPECT_EQ(elements({ReduceExtremum{Extremum::minimum, {0, 1}}, {x}, {}, {}}, {1, 1}), (Elements{-4}));
    EXPECT_EQ(elements({ElementwiseExtremum{Extremum::minimum}, {x, activations({}, {0})}, {}, {}}, {2, 2}),
              (Elements{0, -4, 0, 0}));
}

TEST(Reference, ArgExtremumAndTopKPreferLowerPlacesOnTies) {
    const auto x = activations({5}, {3, 9, -1, 9, 3});
    EXPECT_EQ(elements({ArgExtremum{Extremum::maximum, 0}, {x}, {}, {}}, {1}, ElementType::index),
              (Elements{1}));
    const auto top = run({TopK{Extremum::maximum, 0}, {x}, {}, {}},
                         {{ElementType::activation, {4}, 0}, {ElementType::index, {4}, 0}});
    EXPECT_EQ(top[0].data, (Elements{9, 9, 3, 3}));
    EXPECT_EQ(top[1].data, (Elements{1, 3, 0, 4}));
    const auto least = run({TopK{Extremum::minimum, 0}, {x}, {}, {}},
                           {{ElementType::activation, {3}, 0}, {ElementType::index, {3}, 0}});
    EXPECT_EQ(least[1].data, (Elements{2, 0, 4}));
}

TEST(Reference, DivisionRoundsHalfUpAndSaturatesAtZero) {
    const auto divide = [](std::int64_t x, std::int64_t z, std::uint8_t shift) {
        return elements({Division{shift}, {activations({1}, {x}), activations({1}, {z})}, {}, {}}, {1})[0];
    };
    EXPECT_EQ(divide(3, 2, 0), 2);
    EXPECT_EQ(divide(-3, 2, 0), -1);
    EXPECT_EQ(divide(3, -2, 0), -1);
    EXPECT_EQ(divide(-3, -2, 0), 2);
    EXPECT_EQ(divide(1, 3, 10), 341);
    EXPECT_EQ(divide(-32768, -32768, 15), 32767);
    EXPECT_EQ(divide(-32768, 1, 40), -32768);
    EXPECT_EQ(divide(5, 0, 3), 32767);
    EXPECT_EQ(divide(-5, 0, 3), -32768);
    EXPECT_EQ(divide(0, 0, 3), 0);
}

TEST(Reference, SoftmaxSharesOneAmongEquals) {
    const auto y = elements({Softmax{11}, {activations({2, 2}, {7, 7, -32768, 32767})}, {}, {}}, {2, 2});
    EXPECT_EQ(y, (Elements{16384, 16384, 0, 32767}));
    // e^−1 : 1 at every exponent of the input: 1/(1 + e) = 0.268941.
    for (const int in : {0, 4, 11, 14}) {
        const auto shares = elements({Softmax{static_cast<std::int8_t>(in)},
                                      {activations({2}, {-(std::int64_t{1} << in), 0})},
                                      {},
                                      {}},
                                     {2});
        EXPECT_NEAR(static_cast<double>(shares[0]), 0.268941 * 32768, 2.5) << in;
    }
}

TEST(Reference, NormaliseCentresAndScales) {
    // Mean 2, variance 1.25: (1 − 2.5)/√1.25 = −1.3416.
    const auto x = activations({4}, {1, 2, 3, 4});
    EXPECT_EQ(elements({Normalise{Norm::layer, 0, 12}, {x}, {}, {}}, {4}),
              (Elements{-5495, -1832, 1832, 5495}));
    // √(30/4) = 2.7386; √30 = 5.4772.
    EXPECT_EQ(elements({Normalise{Norm::rms, 0, 12}, {x}, {}, {}}, {4}), (Elements{1496, 2991, 4487, 5983}));
    EXPECT_EQ(elements({Normalise{Norm::l2, 0, 15}, {x}, {}, {}}, {4}),
              (Elements{5983, 11965, 17948, 23930}));
    EXPECT_EQ(elements({Normalise{Norm::layer, 0, 12}, {activations({3}, {5, 5, 5})}, {}, {}}, {3}),
              (Elements{0, 0, 0}));
}

TEST(Reference, NormaliseHoldsAtTheLargestSums) {
    // 2^16 times −2^15: V = 2^62 for rms, the only case of p = −2.
    const Elements least(65536, -32768);
    const auto y = elements(
        {Normalise{Norm::rms, (std::uint64_t{1} << 60) - 1, 12}, {activations({65536}, least)}, {}, {}},
        {65536});
    EXPECT_EQ(y[0], -3664);  // −4096/√1.25 = −3663.57
}

TEST(Reference, MovementsPutElementsWhereTheySay) {
    const auto x = activations({2, 3}, {1, 2, 3, 4, 5, 6});
    EXPECT_EQ(elements({Reshape{}, {x}, {}, {}}, {3, 2}), x.data);
    EXPECT_EQ(elements({Transpose{{1, 0}}, {x}, {}, {}}, {3, 2}), (Elements{1, 4, 2, 5, 3, 6}));
    EXPECT_EQ(elements({Slice{{1, 2}, {-1, -2}}, {x}, {}, {}}, {2, 2}), (Elements{6, 4, 3, 1}));
    EXPECT_EQ(elements({Concatenation{1}, {x, activations({2, 1}, {7, 8})}, {}, {}}, {2, 4}),
              (Elements{1, 2, 3, 7, 4, 5, 6, 8}));
    EXPECT_EQ(elements({Padding{{0, 1}, -9}, {activations({1, 2}, {1, 2})}, {}, {}}, {2, 4}),
              (Elements{-9, 1, 2, -9, -9, -9, -9, -9}));
    EXPECT_EQ(elements({Broadcast{}, {activations({2, 1}, {1, 2})}, {}, {}}, {2, 2, 2}),
              (Elements{1, 1, 2, 2, 1, 1, 2, 2}));
    EXPECT_EQ(elements({Selection{1, 0}, {x}, {weight(WeightType::int32, {4}, {2, 0, 0, 1})}, {}}, {2, 4}),
              (Elements{3, 1, 1, 2, 6, 4, 4, 5}));
    EXPECT_EQ(elements({Constant{0}, {}, {weight(WeightType::int32, {2}, {-5, 70000})}, {}}, {2},
                       ElementType::index),
              (Elements{-5, 70000}));
}

TEST(Reference, GatherCountsNegativeIndicesFromTheEndAndClamps) {
    const auto i = indices({2, 2}, {-1, 9, -9, 1});
    EXPECT_EQ(elements({Gather{0, {}}, {activations({3}, {10, 20, 30}), i}, {}, {}}, {2, 2}),
              (Elements{30, 30, 10, 20}));
    const auto table = weight(WeightType::int8, {2, 3}, {1, 2, 3, 4, 5, 6});
    EXPECT_EQ(elements({Gather{1, 0}, {indices({2}, {2, 0})}, {table}, {}}, {2, 2}), (Elements{3, 1, 6, 4}));
    EXPECT_EQ(elements({Gather{0, 0}, {indices({}, {1})}, {table}, {}}, {3}), (Elements{4, 5, 6}));
}

TEST(Reference, ComparisonAndChoiceBroadcast) {
    const auto x = activations({3}, {1, 2, 3});
    const auto two = activations({}, {2});
    EXPECT_EQ(elements({Comparison{Relation::equal}, {x, two}, {}, {}}, {3}), (Elements{0, 1, 0}));
    EXPECT_EQ(elements({Comparison{Relation::less}, {x, two}, {}, {}}, {3}), (Elements{1, 0, 0}));
    EXPECT_EQ(elements({Comparison{Relation::less_or_equal}, {x, two}, {}, {}}, {3}), (Elements{1, 1, 0}));
    EXPECT_EQ(elements({Choice{}, {activations({2, 1}, {0, -5}), x, two}, {}, {}}, {2, 3}),
              (Elements{2, 2, 2, 1, 2, 3}));
}

TEST(Reference, IndicesConvertAndMap) {
    const auto i = indices({4}, {-3, 0, 7, 70000});
    EXPECT_EQ(elements({IndexToActivation{2}, {i}, {}, {}}, {4}), (Elements{-12, 0, 28, 32767}));
    EXPECT_EQ(
        elements({ActivationToIndex{2}, {activations({4}, {-7, 7, -4, 3})}, {}, {}}, {4}, ElementType::index),
        (Elements{-1, 1, -1, 0}));
    EXPECT_EQ(elements({IndexMap{0, 1, -1},
                        {i},
                        {weight(WeightType::int32, {2}, {-3, 7}), weight(WeightType::int32, {2}, {100, 200})},
                        {}},
                       {4}, ElementType::index),
              (Elements{100, -1, 200, -1}));
}

TEST(Reference, TreesGoLeftAtOrBelowTheThreshold) {
    // Tree 1: x0 ≤ 5 ? leaf 0 : leaf 1. Tree 2: leaf 2 only.
    const OneNode one{
        TreeEnsemble{0, 1, 2, 3, {.shift = 1}, 3},
        {activations({3, 2}, {5, 0, 6, 0, -9, 0})},
        {weight(WeightType::int32, {4, 4}, {0, 5, 1, 2, -1, 0, 0, 0, -1, 0, 1, 0, -1, 0, 2, 0}),
         weight(WeightType::int32, {2}, {0, 3}), weight(WeightType::int64, {3, 2}, {10, 20, 30, 40, 1, 2}),
         weight(WeightType::int64, {2}, {100, -100})},
        {}};
    EXPECT_EQ(elements(one, {3, 2}), (Elements{56, -39, 66, -29, 56, -39}));
}

/// The body adds the element to the state and gives the new state out as a sequence.
TEST(Reference, ScanCarriesTheStateInItsDirection) {
    Subgraph body;
    body.tensors = {{ElementType::activation, {1}, 0},
                    {ElementType::activation, {1}, 0},
                    {ElementType::activation, {1}, 0}};
    body.inputs = {0, 1};
    body.nodes = {{Combination{{1, 1}, {}, {}}, {0, 1}, {2}, "add"}};
    body.outputs = {2, 2};
    const std::vector<Tensor> outputs{{ElementType::activation, {1}, 0},
                                      {ElementType::activation, {3, 1}, 0}};
    const std::vector<Values> inputs{activations({1}, {100}), activations({3, 1}, {1, 2, 4})};
    const auto forward = run({Scan{0, 1, false}, inputs, {}, {body}}, outputs);
    EXPECT_EQ(forward[0].data, (Elements{107}));
    EXPECT_EQ(forward[1].data, (Elements{101, 103, 107}));
    const auto backward = run({Scan{0, 1, true}, inputs, {}, {body}}, outputs);
    EXPECT_EQ(backward[0].data, (Elements{107}));
    EXPECT_EQ(backward[1].data, (Elements{107, 106, 104}));
}

TEST(Reference, RefusesInputsThatAreNotTheModels) {
    Graph graph;
    graph.main.tensors = {{ElementType::activation, {2}, 0}};
    graph.main.inputs = {0};
    graph.main.outputs = {0};
    const auto refused = [&](const std::vector<Values>& inputs) {
        const auto result = evaluate(graph, inputs);
        return result.has_error() && result.error() == Error{ModelError::invalid_input};
    };
    EXPECT_TRUE(refused({}));
    EXPECT_TRUE(refused({activations({1}, {1})}));
    EXPECT_TRUE(refused({activations({2}, {1})}));
    EXPECT_TRUE(refused({indices({2}, {1, 1})}));
    EXPECT_TRUE(refused({activations({2}, {1, 32768})}));
    EXPECT_EQ(evaluate(graph, std::vector{activations({2}, {1, -32768})}).value()[0].data,
              (Elements{1, -32768}));
}

TEST(Reference, KeepsEveryOperationWithinItsTensorsRange) {
    for (std::size_t kind = 0; kind < std::variant_size_v<Operation>; ++kind)
        for (std::uint64_t seed = 0; seed < 6; ++seed) {
            const testing::RandomGraphOptions options{
                .nodes = 3, .elements = 200, .only = static_cast<int>(kind)};
            const Graph graph = testing::random_graph(seed, options);
            const auto outputs = evaluate(graph, testing::random_inputs(graph, seed)).value();
            for (const Values& output : outputs) {
                const bool index = output.type == ElementType::index;
                for (const std::int64_t element : output.data) {
                    ASSERT_GE(element, index ? INT32_MIN : INT16_MIN) << "kind " << kind << " seed " << seed;
                    ASSERT_LE(element, index ? INT32_MAX : INT16_MAX) << "kind " << kind << " seed " << seed;
                }
            }
        }
}

TEST(RandomGraphs, DependOnTheSeedAlone) {
    EXPECT_EQ(testing::random_graph(5), testing::random_graph(5));
    EXPECT_NE(testing::random_graph(5), testing::random_graph(6));
}

}  // namespace
}  // namespace valence::ml
