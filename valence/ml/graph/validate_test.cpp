#include "valence/ml/graph/validate.hpp"

#include <gtest/gtest.h>

#include "valence/ml/graph/limits.hpp"
#include "valence/ml/graph/model_error.hpp"
#include "valence/ml/testing/small_graphs.hpp"

namespace valence::ml {
namespace {

using namespace testing;

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

}  // namespace
}  // namespace valence::ml
