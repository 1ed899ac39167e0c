// The structure of a graph by itself, as the registry sees it: what can be said without weights.
#include <gtest/gtest.h>

#include "valence/ml/graph/cost.hpp"
#include "valence/ml/graph/validate.hpp"
#include "valence/ml/testing/small_graphs.hpp"

namespace valence::ml {
namespace {

using namespace testing;

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

}  // namespace
}  // namespace valence::ml
