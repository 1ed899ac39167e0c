#include "valence/ml/graph/validate.hpp"

#include <gtest/gtest.h>

#include "valence/ml/graph/cost.hpp"
#include "valence/ml/graph/limits.hpp"
#include "valence/ml/graph/model_error.hpp"
#include "valence/ml/reference/evaluate.hpp"
#include "valence/ml/testing/graph_builder.hpp"
#include "valence/ml/testing/random_graph.hpp"

namespace valence::ml {
namespace {

using testing::Random;
using testing::random_graph;

constexpr auto kActivation = ElementType::activation;
constexpr auto kIndex = ElementType::index;

Weight weight(WeightType type, const Shape& shape, const std::vector<std::int64_t>& data) {
    Weight result{type, shape, {}};
    for (const std::int64_t element : data)
        for (std::size_t k = 0; k < width(type); ++k)
            result.data.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(element) >> (8 * k)));
    return result;
}

/// A graph of one node from inputs to one output.
Graph one_node(Operation operation, const std::vector<Tensor>& inputs, const Tensor& output,
               std::vector<Weight> weights = {}) {
    Graph graph;
    Node node{std::move(operation), {}, {}, "only"};
    for (const Tensor& input : inputs) {
        const auto id = static_cast<TensorId>(graph.main.tensors.size());
        node.inputs.push_back(id);
        graph.main.tensors.push_back(input);
        graph.inputs.push_back({"in" + std::to_string(id), "", id, {}});
    }
    graph.main.inputs = node.inputs;
    const auto id = static_cast<TensorId>(graph.main.tensors.size());
    graph.main.tensors.push_back(output);
    node.outputs = {id};
    graph.main.outputs = {id};
    graph.outputs.push_back({"out", "", id, {}});
    graph.main.nodes.push_back(std::move(node));
    graph.weights = std::move(weights);
    return graph;
}

/// 3 → 2, 16-bit weights.
Graph linear_graph() {
    return one_node(Linear{0, 1, 2, {.shift = 8}}, {{kActivation, {5, 3}, 8}}, {kActivation, {5, 2}, 8},
                    {weight(WeightType::int16, {2, 3}, {1, 2, 3, 4, 5, -6}),
                     weight(WeightType::int64, {2}, {7, -8}), weight(WeightType::uint8, {2}, {0, 3})});
}

testing::RandomGraphOptions only(std::size_t kind) { return {.nodes = 3, .only = static_cast<int>(kind)}; }

TEST(Validate, AcceptsRandomGraphsOfEveryOperation) {
    for (std::size_t kind = 0; kind < std::variant_size_v<Operation>; ++kind)
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const auto result = validate(random_graph(seed, only(kind)));
            ASSERT_TRUE(result.has_value())
                << "kind " << kind << " seed " << seed << ": " << result.error().message();
        }
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const auto result = validate(random_graph(seed));
        ASSERT_TRUE(result.has_value()) << "seed " << seed << ": " << result.error().message();
    }
}

struct Breach {
    const char* rule;
    ModelError code;
    Graph graph;
};

template <typename Change>
Graph changed(Graph graph, Change change) {
    change(graph);
    return graph;
}

template <typename T>
T& operation(Graph& graph) {
    return std::get<T>(graph.main.nodes[0].operation);
}

TEST(Validate, RefusesEachBreachOfTheGraphsRules) {
    const auto bad = ModelError::invalid_graph;
    const auto large = ModelError::too_large;
    const auto linear = [](auto change) { return changed(linear_graph(), change); };
    const Breach breaches[]{
        {"extent 0", bad, linear([](Graph& g) { g.main.tensors[0].shape[0] = 0; })},
        {"huge tensor", large, linear([](Graph& g) { g.main.tensors[0].shape = {1U << 31, 3}; })},
        {"tensor type", bad, linear([](Graph& g) { g.main.tensors[0].type = static_cast<ElementType>(2); })},
        {"tensor exponent", bad, linear([](Graph& g) { g.main.tensors[0].exponent = 33; })},
        {"output exponent", bad, linear([](Graph& g) { g.main.tensors[1].exponent = 19; })},
        {"tensor number", bad, linear([](Graph& g) { g.main.nodes[0].inputs[0] = 2; })},
        {"output number", bad, linear([](Graph& g) { g.main.nodes[0].outputs[0] = 2; })},
        {"graph input number", bad, linear([](Graph& g) { g.main.inputs[0] = 9; })},
        {"graph output number", bad, linear([](Graph& g) { g.main.outputs[0] = 9; })},
        {"read before write", bad, linear([](Graph& g) { g.main.nodes[0].inputs[0] = 1; })},
        {"written twice", bad, linear([](Graph& g) { g.main.inputs = {0, 0}; })},
        {"cycle", bad,
         changed(one_node(Product{{.shift = 4}}, {{kActivation, {3}, 0}, {kActivation, {3}, 0}},
                          {kActivation, {3}, 0}),
                 [](Graph& g) { g.main.nodes[0].inputs[1] = 2; })},
        {"written by a node and an input", bad,
         changed(one_node(Product{{.shift = 4}}, {{kActivation, {3}, 0}, {kActivation, {3}, 0}},
                          {kActivation, {3}, 0}),
                 [](Graph& g) { g.main.nodes[0].outputs[0] = 1; })},
        {"never written", bad, linear([](Graph& g) { g.main.tensors.push_back({kActivation, {1}, 0}); })},
        {"no outputs", bad, linear([](Graph& g) { g.main.outputs.clear(); })},
        {"node without outputs", bad, linear([](Graph& g) { g.main.nodes[0].outputs.clear(); })},
        {"weight number", bad, linear([](Graph& g) { operation<Linear>(g).weight = 3; })},
        {"weight unused", bad, linear([](Graph& g) { operation<Linear>(g).bias.reset(); })},
        {"weight bytes", bad, linear([](Graph& g) { g.weights[0].data.pop_back(); })},
        {"weight type", bad, linear([](Graph& g) { g.weights[0].type = static_cast<WeightType>(5); })},
        {"weight extent", bad, linear([](Graph& g) { g.weights[0].shape = {0, 3}; })},
        {"body unused", bad, linear([](Graph& g) { g.bodies.emplace_back(); })},
        {"body number", bad, linear([](Graph& g) { g.main.nodes[0].operation = Scan{}; })},
        {"port count", bad, linear([](Graph& g) { g.inputs.clear(); })},
        {"port tensor", bad, linear([](Graph& g) { g.outputs[0].tensor = 0; })},
        {"port name", large, linear([](Graph& g) { g.inputs[0].name.assign(kMaxName + 1, 'x'); })},
        {"port exponents", bad, linear([](Graph& g) { g.inputs[0].exponents = {1, 2}; })},
        {"port exponent", bad, linear([](Graph& g) { g.inputs[0].exponents = {1, 2, 99}; })},
        {"output exponents", bad, linear([](Graph& g) { g.outputs[0].exponents = {1, 2}; })},
        {"node name", large, linear([](Graph& g) { g.main.nodes[0].name.assign(kMaxName + 1, 'x'); })},
        {"same port names", bad,
         changed(one_node(Product{}, {{kActivation, {}, 0}, {kActivation, {}, 0}}, {kActivation, {}, 0}),
                 [](Graph& g) { g.inputs[1].name = g.inputs[0].name; })},
        {"all tensors", large,
         changed(linear_graph(),
                 [](Graph& g) {
                     for (int i = 0; i < 3; ++i)
                         g.main.tensors.push_back({kActivation, {1U << 31}, 0});
                 })},
    };
    for (const auto& [rule, code, graph] : breaches) {
        const auto result = validate(graph);
        ASSERT_TRUE(result.has_error()) << rule;
        EXPECT_EQ(result.error(), Error{code}) << rule << ": " << result.error().message();
    }
}

TEST(Validate, RefusesEachBreachOfAnOperationsRules) {
    const Tensor scalar{kActivation, {}, 0};
    const Tensor row{kActivation, {4}, 0};
    const Tensor image{kActivation, {1, 2, 5, 5}, 0};
    const Tensor indices{kIndex, {4}, 0};
    const Window two{.size = {2, 2}};
    const auto bytes = [](const Shape& shape) {
        return weight(WeightType::int8, shape, std::vector<std::int64_t>(shape.elements(), 1));
    };
    const auto ints = [](const std::vector<std::int64_t>& data) {
        const auto count = static_cast<std::uint32_t>(data.size());
        return weight(WeightType::int32, {count}, data);
    };
    const auto linear = [](auto change) { return changed(linear_graph(), change); };
    const auto trees = [&](const std::vector<std::int64_t>& nodes, const std::vector<std::int64_t>& roots) {
        const auto count = static_cast<std::uint32_t>(nodes.size() / 4);
        return one_node(TreeEnsemble{0, 1, 2, {}, {.shift = 12}, 2}, {{kActivation, {2, 3}, 0}},
                        {kActivation, {2, 1}, 0},
                        {weight(WeightType::int32, {count, 4}, nodes), ints(roots),
                         weight(WeightType::int64, {2, 1}, {5, -5})});
    };
    ASSERT_TRUE(validate(trees({2, 0, 1, 2, -1, 0, 0, 0, -1, 0, 1, 0}, {0})).has_value());

    const std::pair<const char*, Graph> breaches[]{
        {"number of inputs", linear([](Graph& g) { g.main.nodes[0].inputs = {0, 0}; })},
        {"input type", linear([](Graph& g) { g.main.tensors[0].type = kIndex; })},
        {"output type", linear([](Graph& g) { g.main.tensors[1].type = kIndex; })},
        {"output shape", linear([](Graph& g) { g.main.tensors[1].shape = {5, 3}; })},
        {"output rank", linear([](Graph& g) { g.main.tensors[1].shape = {10}; })},
        {"scalar input", linear([](Graph& g) { g.main.tensors[0].shape = {}; })},
        {"weight shape", linear([](Graph& g) { g.weights[0].shape = {3, 2}; })},
        {"weight rank", linear([](Graph& g) { g.weights[0].shape = {6}; })},
        {"bias shape", linear([](Graph& g) { g.weights[1].shape = {1, 2}; })},
        {"bias size",
         linear([](Graph& g) { g.weights[1] = weight(WeightType::int64, {2}, {kMaxBias + 1, 0}); })},
        {"bias type", linear([](Graph& g) { g.weights[1] = weight(WeightType::int32, {2}, {1, 1}); })},
        {"channel exponent",
         linear([](Graph& g) { g.weights[2] = weight(WeightType::uint8, {2}, {16, 0}); })},
        {"shift", linear([](Graph& g) { operation<Linear>(g).out.shift = 25; })},
        {"shift with 8-bit weights", linear([&](Graph& g) {
             g.weights[0] = bytes({2, 3});
             operation<Linear>(g).out.shift = 17;
         })},
        {"clamp", linear([](Graph& g) { operation<Linear>(g).out = {.shift = 8, .low = 1, .high = 0}; })},
        {"groups", one_node(Convolution{0, {}, {}, two, 3, {.shift = 8}}, {image},
                            {kActivation, {1, 3, 4, 4}, 0}, {bytes({3, 1, 2, 2})})},
        {"no groups", one_node(Convolution{0, {}, {}, two, 0, {.shift = 8}}, {image},
                               {kActivation, {1, 3, 4, 4}, 0}, {bytes({3, 2, 2, 2})})},
        {"kernel", one_node(Convolution{0, {}, {}, two, 1, {.shift = 8}}, {image},
                            {kActivation, {1, 3, 4, 4}, 0}, {bytes({3, 2, 2, 3})})},
        {"stride 0", one_node(MaxPool{{.size = {1, 1}, .stride = {0, 1}}}, {image}, image)},
        {"window too large", one_node(MaxPool{{.size = {6, 1}}}, {image}, {kActivation, {1, 2, 1, 5}, 0})},
        {"hostile window",
         one_node(MaxPool{{.size = {0xffffffff, 1}, .dilation = {0xffffffff, 1}}}, {image}, image)},
        {"cut away",
         one_node(
             TransposedConvolution{0, {}, {}, {.size = {1, 1}, .before = {5, 0}}, {0, 0}, 1, {.shift = 8}},
             {image}, {kActivation, {1, 3, 1, 5}, 0}, {bytes({3, 2, 1, 1})})},
        {"inner extents",
         one_node(MatrixProduct{{.shift = 8}}, {{kActivation, {2, 3}, 0}, {kActivation, {2, 3}, 0}},
                  {kActivation, {2, 3}, 0})},
        {"coefficients", one_node(Combination{{1, 1}, {}, {}}, {row}, row)},
        {"coefficient size", one_node(Combination{{(1 << 24) + 1}, {}, {.shift = 20}}, {row}, row)},
        {"no addends", one_node(Combination{}, {}, row)},
        {"broadcast", one_node(Product{{.shift = 4}}, {row, {kActivation, {3}, 0}}, row)},
        {"axes order", one_node(Sum{{1, 0}, 1, {}}, {{kActivation, {2, 2}, 0}}, {kActivation, {1, 1}, 0})},
        {"axes empty", one_node(Sum{{}, 1, {}}, {row}, row)},
        {"axis", one_node(ReduceExtremum{Extremum::maximum, {1}}, {row}, row)},
        {"no extremum",
         one_node(ReduceExtremum{static_cast<Extremum>(2), {0}}, {row}, {kActivation, {1}, 0})},
        {"multiplier twice", one_node(AveragePool{{}, 2, 0, {}}, {image}, image,
                                      {weight(WeightType::int64, {5, 5}, std::vector<std::int64_t>(25, 1))})},
        {"table", one_node(Lookup{{Function::tanh, 33, 0, 0, 0}}, {row}, row)},
        {"softmax of a scalar", one_node(Softmax{}, {scalar}, scalar)},
        {"softmax exponent", one_node(Softmax{33}, {row}, row)},
        {"row to normalise",
         one_node(Normalise{}, {{kActivation, {(1 << 16) + 1}, 0}}, {kActivation, {(1 << 16) + 1}, 0})},
        {"epsilon", one_node(Normalise{Norm::layer, std::uint64_t{1} << 60, 12}, {row}, row)},
        {"normalised exponent", one_node(Normalise{Norm::layer, 0, 16}, {row}, row)},
        {"division shift", one_node(Division{41}, {row, row}, row)},
        {"reshape", one_node(Reshape{}, {row}, {kActivation, {5}, 0})},
        {"permutation", one_node(Transpose{{0, 0}}, {{kActivation, {2, 2}, 0}}, {kActivation, {2, 2}, 0})},
        {"slice end", one_node(Slice{{1}, {2}}, {row}, {kActivation, {3}, 0})},
        {"slice start", one_node(Slice{{4}, {1}}, {row}, {kActivation, {1}, 0})},
        {"slice step", one_node(Slice{{0}, {0}}, {row}, row)},
        {"slice below", one_node(Slice{{1}, {-1}}, {row}, {kActivation, {3}, 0})},
        {"concatenation", one_node(Concatenation{0}, {row, indices}, {kActivation, {8}, 0})},
        {"padding", one_node(Padding{{2}, 0}, {row}, {kActivation, {5}, 0})},
        {"padding value", one_node(Padding{{1}, 40000}, {row}, {kActivation, {5}, 0})},
        {"broadcast down", one_node(Broadcast{}, {row}, {kActivation, {1}, 0})},
        {"selected place", one_node(Selection{0, 0}, {row}, {kActivation, {2}, 0}, {ints({0, 4})})},
        {"selected below", one_node(Selection{0, 0}, {row}, {kActivation, {2}, 0}, {ints({-1, 0})})},
        {"gather by activations", one_node(Gather{0, {}}, {row, row}, row)},
        {"gathered table", one_node(Gather{0, 0}, {indices}, {kIndex, {4}, 0}, {ints({1, 2})})},
        {"constant type", one_node(Constant{0}, {}, row, {ints({1, 2, 3, 4})})},
        {"too many foremost", one_node(TopK{Extremum::maximum, 0}, {row}, {kActivation, {5}, 0})},
        {"comparison types", one_node(Comparison{}, {row, indices}, row)},
        {"choice types", one_node(Choice{}, {row, row, indices}, row)},
        {"index shift", one_node(IndexToActivation{16}, {indices}, row)},
        {"activation shift", one_node(ActivationToIndex{32}, {row}, indices)},
        {"keys order", one_node(IndexMap{0, 1, 0}, {indices}, indices, {ints({2, 2}), ints({0, 0})})},
        {"values", one_node(IndexMap{0, 1, 0}, {indices}, indices, {ints({1, 2}), ints({0})})},
        {"tree cycle", trees({2, 0, 0, 2, -1, 0, 0, 0, -1, 0, 1, 0}, {0})},
        {"tree child", trees({2, 0, 1, 3, -1, 0, 0, 0, -1, 0, 1, 0}, {0})},
        {"tree feature", trees({3, 0, 1, 2, -1, 0, 0, 0, -1, 0, 1, 0}, {0})},
        {"tree leaf", trees({2, 0, 1, 2, -1, 0, 0, 0, -1, 0, 2, 0}, {0})},
        {"tree leaf's rest", trees({2, 0, 1, 2, -1, 1, 0, 0, -1, 0, 1, 0}, {0})},
        {"tree steps", changed(trees({2, 0, 1, 2, -1, 0, 0, 0, -1, 0, 1, 0}, {0}),
                               [](Graph& g) { operation<TreeEnsemble>(g).steps = 1; })},
        {"tree root", trees({2, 0, 1, 2, -1, 0, 0, 0, -1, 0, 1, 0}, {3})},
    };
    for (const auto& [rule, graph] : breaches) {
        const auto result = validate(graph);
        ASSERT_TRUE(result.has_error()) << rule;
        EXPECT_EQ(result.error(), Error{ModelError::invalid_node})
            << rule << ": " << result.error().message();
    }
}

/// Windows of 2^32 taps over 2^17 places.
TEST(Validate, RefusesMoreWorkThanTheLimit) {
    const Window window{.size = {65535, 65535}, .before = {65534, 65534}, .after = {65534, 65534}};
    const auto result = validate(
        one_node(MaxPool{window}, {{kActivation, {1, 1, 1, 1}, 0}}, {kActivation, {1, 1, 65535, 65535}, 0}));
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error(), Error{ModelError::too_large}) << result.error().message();
    const auto fewer =
        validate(one_node(MaxPool{{.size = {65535, 1}, .before = {65534, 0}, .after = {65534, 0}}},
                          {{kActivation, {1, 1, 1, 1}, 0}}, {kActivation, {1, 1, 65535, 1}, 0}));
    EXPECT_TRUE(fewer.has_value());
}

/// A few pixels whose padding, or whose spread, is an image of many gigabytes.
TEST(Validate, RefusesConvolutionsOverHugeImages) {
    const auto refused = [](const Graph& graph) {
        const auto result = validate(graph);
        return result.has_error() && result.error() == Error{ModelError::too_large};
    };
    const Weight taps = weight(WeightType::int8, {1, 1, 2, 2}, {1, 2, 3, 4});
    Window window{
        .size = {2, 2}, .dilation = {65535, 65535}, .before = {65535, 65535}, .after = {65535, 65535}};
    window.stride = {65535, 65535};
    EXPECT_TRUE(refused(one_node(Convolution{0, {}, {}, window, 1, {.shift = 8}},
                                 {{kActivation, {1, 1, 1, 1}, 0}}, {kActivation, {1, 1, 2, 2}, 0}, {taps})));
    // A window over two rows whose second lies more than 2^32 elements on.
    const Window high{.size = {2, 1}, .stride = {1, 65535}, .dilation = {65535, 1}, .before = {65535, 0}};
    EXPECT_TRUE(
        refused(one_node(Convolution{0, {}, {}, high, 1, {}}, {{kActivation, {1, 1, 1, 65600}, 0}},
                         {kActivation, {1, 1, 1, 2}, 0}, {weight(WeightType::int8, {1, 1, 2, 1}, {3, 5})})));
    const Window spread{.size = {2, 2},
                        .stride = {1, 1},
                        .dilation = {65535, 65535},
                        .before = {65535, 65535},
                        .after = {1, 1}};
    EXPECT_TRUE(refused(one_node(TransposedConvolution{0, {}, {}, spread, {2, 2}, 1, {.shift = 8}},
                                 {{kActivation, {1, 1, 1, 1}, 0}}, {kActivation, {1, 1, 2, 2}, 0}, {taps})));
}

/// Planning writes a body out for each scan, and packs a weight for each node that names it.
TEST(Validate, RefusesGraphsThatAreLargerWhenPlanned) {
    Graph graph;
    graph.bodies.resize(1);
    Subgraph& body = graph.bodies[0];
    body.tensors = {{kActivation, {}, 0}, {kActivation, {}, 0}};
    body.inputs = {0, 1};
    for (TensorId id = 2; id < 302; ++id) {
        body.tensors.push_back({kActivation, {}, 0});
        body.nodes.push_back({Combination{{1}, {}, {}}, {id == 2 ? 0 : id - 1}, {id}, ""});
    }
    body.outputs = {301};
    graph.main.tensors = {{kActivation, {}, 0}, {kActivation, {1}, 0}};
    graph.main.inputs = {0, 1};
    graph.inputs = {{"h", "", 0, {}}, {"x", "", 1, {}}};
    const auto add_scans = [&](std::size_t count) {
        for (std::size_t k = 0; k < count; ++k) {
            const auto id = static_cast<TensorId>(graph.main.tensors.size());
            graph.main.tensors.push_back({kActivation, {}, 0});
            graph.main.nodes.push_back({Scan{0, 1, false}, {id == 2 ? 0 : id - 1, 1}, {id}, ""});
        }
        graph.main.outputs = {static_cast<TensorId>(graph.main.tensors.size() - 1)};
        graph.outputs = {{"y", "", graph.main.outputs[0], {}}};
        return validate(graph);
    };
    EXPECT_TRUE(add_scans(200).has_value());
    const auto result = add_scans(100);
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error(), Error{ModelError::too_large});

    constexpr std::uint32_t kInner = 1 << 20;
    Graph shared =
        one_node(Linear{0, {}, {}, {.shift = 16}}, {{kActivation, {kInner}, 0}}, {kActivation, {1}, 0},
                 {weight(WeightType::int8, {1, kInner}, std::vector<std::int64_t>(kInner, 0))});
    EXPECT_TRUE(validate(shared).has_value());
    for (TensorId id = 2; id < 140; ++id) {
        shared.main.tensors.push_back({kActivation, {1}, 0});
        shared.main.nodes.push_back({Linear{0, {}, {}, {.shift = 16}}, {0}, {id}, ""});
    }
    const auto too_often = validate(shared);
    ASSERT_TRUE(too_often.has_error());
    EXPECT_EQ(too_often.error(), Error{ModelError::too_large});
}

TEST(Validate, RefusesScansThatDoNotFitTheirBody) {
    Graph graph;
    graph.bodies.resize(1);
    Subgraph& body = graph.bodies[0];
    body.tensors = {{kActivation, {2}, 0}, {kActivation, {2}, 0}, {kActivation, {2}, 0}};
    body.inputs = {0, 1};
    body.nodes = {{Combination{{1, 1}, {}, {}}, {0, 1}, {2}, "add"}};
    body.outputs = {2, 2};
    graph.main.tensors = {
        {kActivation, {2}, 0}, {kActivation, {7, 2}, 0}, {kActivation, {2}, 0}, {kActivation, {7, 2}, 0}};
    graph.main.inputs = {0, 1};
    graph.main.nodes = {{Scan{0, 1, false}, {0, 1}, {2, 3}, "scan"}};
    graph.main.outputs = {2, 3};
    graph.inputs = {{"h", "", 0, {}}, {"x", "", 1, {}}};
    graph.outputs = {{"last", "", 2, {}}, {"all", "", 3, {}}};
    ASSERT_TRUE(validate(graph).has_value()) << validate(graph).error().message();

    const auto refused = [&](auto change) { return validate(changed(graph, change)).has_error(); };
    EXPECT_TRUE(refused([](Graph& g) { operation<Scan>(g).states = 2; }));
    EXPECT_TRUE(refused([](Graph& g) { operation<Scan>(g).states = 0xffffffff; }));
    EXPECT_TRUE(refused([](Graph& g) { operation<Scan>(g).states = 0; }));
    EXPECT_TRUE(refused([](Graph& g) { g.main.tensors[3].shape = {6, 2}; }));
    EXPECT_TRUE(refused([](Graph& g) { g.main.tensors[1].shape = {2}; }));
    EXPECT_TRUE(refused([](Graph& g) { g.main.nodes[0].inputs = {0}; }));
    EXPECT_TRUE(refused([](Graph& g) { g.bodies[0].outputs = {2}; }));
    EXPECT_TRUE(refused([](Graph& g) { g.bodies[0].nodes[0].operation = Scan{0, 1, false}; }));
}

/// At the bound a sum is accepted and one above it is not.
TEST(Validate, ProvesTheAccumulatorBound) {
    const auto scaled = [](std::uint8_t shift, std::int64_t bias, std::uint8_t e) {
        return one_node(Linear{0, 1, 2, {.shift = shift, .low = -32768, .high = 32767}},
                        {{kActivation, {1}, 0}}, {kActivation, {1}, 0},
                        {weight(WeightType::int16, {1, 1}, {0}), weight(WeightType::int64, {1}, {bias}),
                         weight(WeightType::uint8, {1}, {e})});
    };
    EXPECT_TRUE(validate(scaled(0, std::int64_t{1} << 30, 0)).has_value());
    EXPECT_FALSE(validate(scaled(0, (std::int64_t{1} << 30) + 1, 0)).has_value());
    // With the rounding term: 2^46 − 2^15 + 2^15 at shift 16.
    EXPECT_TRUE(validate(scaled(16, (std::int64_t{1} << 31) - 1, 15)).has_value());
    EXPECT_FALSE(validate(scaled(16, std::int64_t{1} << 31, 15)).has_value());
    EXPECT_TRUE(validate(scaled(24, (std::int64_t{1} << 39) - 256, 15)).has_value());
    const auto result = validate(scaled(24, std::int64_t{1} << 39, 15));
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error(), Error{ModelError::overflow});
    EXPECT_NE(result.error().context.find("\"only\""), std::string::npos) << result.error().message();
}

TEST(Validate, BoundsHowFarSumsLieOutsideTheClamp) {
    const auto clamped = [](std::int64_t bias, std::int16_t low, std::int16_t high) {
        return validate(
                   one_node(Linear{0, 1, {}, {.shift = 0, .low = low, .high = high}}, {{kActivation, {1}, 0}},
                            {kActivation, {1}, 0},
                            {weight(WeightType::int16, {1, 1}, {0}), weight(WeightType::int64, {1}, {bias})}))
            .has_value();
    };
    constexpr std::int64_t kExcess = std::int64_t{1} << 30;
    EXPECT_TRUE(clamped(kExcess - 1, -5, 0));
    EXPECT_FALSE(clamped(kExcess, -5, 0));
    EXPECT_TRUE(clamped(-(kExcess - 1), 0, 5));
    EXPECT_FALSE(clamped(-kExcess, 0, 5));
}

TEST(Validate, UsesTheRangeThatEarlierNodesLeave) {
    const auto graph = [](std::int16_t high) {
        Graph g = one_node(Linear{0, {}, {}, {.shift = 0}}, {{kActivation, {1}, 0}}, {kActivation, {1}, 0},
                           {weight(WeightType::int16, {1, 1}, {32767})});
        g.main.tensors.push_back({kActivation, {1}, 0});
        g.main.nodes.insert(
            g.main.nodes.begin(),
            Node{Combination{{1}, {}, {.shift = 0, .low = 0, .high = high}}, {0}, {2}, "relu"});
        g.main.nodes[1].inputs = {2};
        return g;
    };
    EXPECT_TRUE(validate(graph(32767)).has_value());
    EXPECT_TRUE(validate(graph(100)).has_value());
    // Σ of 33 such inputs fits only where the clamp says so.
    const auto summed = [&](std::int16_t high) {
        Graph g = graph(high);
        g.weights[0] = weight(WeightType::int16, {1, 33}, std::vector<std::int64_t>(33, 32767));
        for (const TensorId id : {0U, 2U})
            g.main.tensors[id].shape = {33};
        return validate(g).has_value();
    };
    EXPECT_FALSE(summed(32767));
    EXPECT_TRUE(summed(100));
}

/// What is accepted can be computed: nothing overflows (the sanitizers look) and every element is in range,
/// after any change of a graph that validate() lets pass.
TEST(Validate, AcceptedMutationsComputeWithinRange) {
    int accepted = 0;
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        Graph graph = random_graph(seed % 80, {.nodes = 5, .elements = 60});
        Random random{seed};
        const auto mutate_requantisation = [&](Requantisation& out) {
            out.shift = static_cast<std::uint8_t>(random.below(26));
            out.low = static_cast<std::int16_t>(random.between(-32768, 32767));
            if (random.chance(1, 2)) out.high = static_cast<std::int16_t>(random.between(-32768, 32767));
        };
        Node& node = graph.main.nodes[random.below(graph.main.nodes.size())];
        if (random.chance(1, 2))
            std::visit(
                [&](auto& op) {
                    if constexpr (requires { op.out.shift; }) mutate_requantisation(op.out);
                    if constexpr (requires { op.axis; }) op.axis = static_cast<std::uint8_t>(random.below(4));
                    if constexpr (requires { op.window; }) op.window.before[0] = random.below(4);
                    if constexpr (requires { op.states; }) op.states = random.below(4);
                },
                node.operation);
        else if (!graph.weights.empty() && random.chance(1, 2))
            for (std::uint8_t& byte : graph.weights[random.below(graph.weights.size())].data)
                byte = static_cast<std::uint8_t>(random.next());
        else if (!node.inputs.empty() && random.chance(1, 2))
            node.inputs[random.below(node.inputs.size())] = random.below(graph.main.tensors.size() + 1);
        else
            graph.main.tensors[random.below(graph.main.tensors.size())].shape =
                Shape{random.below(4), 1 + random.below(4)};
        if (!validate(graph).has_value()) continue;
        ++accepted;
        const auto outputs = evaluate(graph, testing::random_inputs(graph, seed)).value();
        for (const Values& output : outputs)
            for (const std::int64_t element : output.data) {
                const bool index = output.type == kIndex;
                ASSERT_GE(element, index ? INT32_MIN : INT16_MIN) << seed;
                ASSERT_LE(element, index ? INT32_MAX : INT16_MAX) << seed;
            }
    }
    EXPECT_GT(accepted, 30);
}

TEST(Validate, RefusesTreesSharedByMoreNodesThanCheckingIsWorth) {
    // One inner node and many leaves that no tree reaches, named by many nodes.
    constexpr std::uint32_t kRows = 40000;
    std::vector<std::int64_t> rows;
    for (std::uint32_t row = 0; row < kRows; ++row)
        rows.insert(rows.end(), {-1, 0, 0, 0});
    Graph graph =
        one_node(TreeEnsemble{0, 1, 2, {}, {}, 1}, {{kActivation, {1, 1}, 0}}, {kActivation, {1, 1}, 0},
                 {weight(WeightType::int32, {kRows, 4}, rows), weight(WeightType::int32, {1}, {0}),
                  weight(WeightType::int64, {1, 1}, {1})});
    EXPECT_TRUE(validate(graph).has_value());
    for (TensorId id = 2; id < 1000; ++id) {
        graph.main.tensors.push_back({kActivation, {1, 1}, 0});
        graph.main.nodes.push_back({TreeEnsemble{0, 1, 2, {}, {}, 1}, {0}, {id}, ""});
    }
    const auto result = validate(graph);
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error(), Error{ModelError::too_large});
}

// ------------------------------------------------------------------------------------------------ structure

Graph without_weights(Graph graph) {
    for (Weight& weight : graph.weights)
        weight.data.clear();
    return graph;
}

TEST(ValidateStructure, AcceptsWhateverValidateAcceptsWithoutItsWeights) {
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        const Graph graph = random_graph(seed);
        ASSERT_TRUE(validate(graph).has_value()) << seed;
        ASSERT_TRUE(validate_structure(graph).has_value()) << seed;
        const auto result = validate_structure(without_weights(graph));
        ASSERT_TRUE(result.has_value()) << seed << ": " << result.error().message();
    }
    for (std::size_t kind = 0; kind < std::variant_size_v<Operation>; ++kind)
        for (std::uint64_t seed = 0; seed < 20; ++seed)
            ASSERT_TRUE(validate_structure(without_weights(random_graph(seed, only(kind)))).has_value())
                << kind << ", " << seed;
}

TEST(ValidateStructure, RunsCostTheSameWithAndWithoutWeights) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const Graph graph = random_graph(seed);
        const GraphCost with = cost_of(graph);
        const GraphCost without = cost_of(without_weights(graph));
        ASSERT_EQ(with.total, without.total) << seed;
        ASSERT_EQ(with.nodes, without.nodes) << seed;
        ASSERT_EQ(with.parameters, without.parameters) << seed;
        ASSERT_EQ(with.weight_bytes, without.weight_bytes) << seed;
        ASSERT_EQ(with.activation_bytes, without.activation_bytes) << seed;
    }
}

/// Random changes of fields that are not weights: what the structure is refused for, validate() refuses too.
TEST(ValidateStructure, NeverRefusesWhatValidateAccepts) {
    Random random{77};
    int refused = 0;
    for (std::uint64_t seed = 0; seed < 3000; ++seed) {
        Graph graph = random_graph(seed, {.nodes = 4, .elements = 60});
        Subgraph& part = graph.main;
        Tensor& tensor = part.tensors[random.below(part.tensors.size())];
        switch (random.below(4)) {
            case 0:
                tensor.type = tensor.type == kIndex ? kActivation : kIndex;
                break;
            case 1:
                if (tensor.shape.rank() > 0) tensor.shape[0] = 1 + random.below(9);
                break;
            case 2:
                tensor.exponent = static_cast<std::int8_t>(random.between(-40, 40));
                break;
            default: {
                Node& node = part.nodes[random.below(part.nodes.size())];
                if (!node.inputs.empty()) node.inputs[0] = random.below(part.tensors.size());
            }
        }
        if (validate_structure(without_weights(graph)).has_error()) {
            ++refused;
            ASSERT_TRUE(validate(graph).has_error()) << seed;
        }
    }
    EXPECT_GT(refused, 500);
}

TEST(Validate, RefusesNamesThatAreNotPlainText) {
    const auto accepted = [](std::string name) {
        return validate(changed(linear_graph(), [&](Graph& g) { g.outputs[0].name = name; })).has_value() &&
               validate(changed(linear_graph(), [&](Graph& g) { g.inputs[0].unit = name; })).has_value();
    };
    for (const char* name :
         {"", "volatility", "σ²/день", "量", "\U0001f600", "\u00a0", "\ufffd", "\U0010ffff"})
        EXPECT_TRUE(accepted(name)) << name;
    for (const char* name :
         {"a\nb", "\x1b[31m", "\x7f", "\xc2\x85", "\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf",
          "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xe2\x82", "\xff"})
        EXPECT_FALSE(accepted(name)) << name;
    EXPECT_FALSE(accepted(std::string("a\0b", 3)));
}

TEST(CostModel, CountsWhatTheOperationsDo) {
    const GraphCost linear = cost_of(linear_graph());
    EXPECT_EQ(linear.total.multiply_accumulates, 30U);
    EXPECT_EQ(linear.total.bytes, 30U + 20U + 12U + 16U + 2U);
    EXPECT_EQ(linear.parameters, 10U);
    EXPECT_EQ(linear.weight_bytes, 30U);
    const GraphCost lookup = cost_of(one_node(Lookup{}, {{kActivation, {9}, 0}}, {kActivation, {9}, 0}));
    EXPECT_EQ(lookup.total.lookups, 9U);
    EXPECT_EQ(lookup.nodes.size(), 1U);
}

TEST(CostModel, SaturatesRatherThanWraps) {
    const Cost most{~std::uint64_t{0}, 1, std::uint64_t{1} << 62, 3};
    EXPECT_EQ(most.times(4), (Cost{std::uint64_t{1} << 63, 4, std::uint64_t{1} << 63, 12}));
    Cost sum = most;
    sum += most;
    EXPECT_EQ(sum, (Cost{std::uint64_t{1} << 63, 2, std::uint64_t{1} << 63, 6}));
}

}  // namespace
}  // namespace valence::ml
