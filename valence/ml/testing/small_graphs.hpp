// Small graphs by hand, and changes of them: for tests.
#pragma once

#include "valence/ml/testing/random.hpp"
#include "valence/ml/testing/random_graph.hpp"

namespace valence::ml::testing {

inline constexpr auto kActivation = ElementType::activation;
inline constexpr auto kIndex = ElementType::index;

inline Weight weight(WeightType type, const Shape& shape, const std::vector<std::int64_t>& data) {
    Weight result{type, shape, {}};
    for (const std::int64_t element : data)
        for (std::size_t k = 0; k < width(type); ++k)
            result.data.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(element) >> (8 * k)));
    return result;
}

/// A graph of one node from inputs to one output.
inline Graph one_node(Operation operation, const std::vector<Tensor>& inputs, const Tensor& output,
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
inline Graph linear_graph() {
    return one_node(Linear{0, 1, 2, {.shift = 8}}, {{kActivation, {5, 3}, 8}}, {kActivation, {5, 2}, 8},
                    {weight(WeightType::int16, {2, 3}, {1, 2, 3, 4, 5, -6}),
                     weight(WeightType::int64, {2}, {7, -8}), weight(WeightType::uint8, {2}, {0, 3})});
}

/// Of operations of this kind only.
inline RandomGraphOptions only(std::size_t kind) { return {.nodes = 3, .only = static_cast<int>(kind)}; }

template <typename Change>
Graph changed(Graph graph, Change change) {
    change(graph);
    return graph;
}

}  // namespace valence::ml::testing
