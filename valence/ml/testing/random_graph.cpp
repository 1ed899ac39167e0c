#include "valence/ml/testing/random_graph.hpp"

#include "valence/ml/testing/graph_builder.hpp"

namespace valence::ml::testing {

Graph random_graph(std::uint64_t seed, const RandomGraphOptions& options) {
    Random random{seed};
    Graph graph;
    Subgraph part;
    GraphBuilder builder{graph, part, random, options, false};
    builder.input({ElementType::activation, builder.shape(), 8});
    for (std::uint32_t i = 0; i < options.nodes; ++i)
        builder.add(options.only >= 0 ? static_cast<std::size_t>(options.only)
                                      : random.below(std::variant_size_v<Operation>));

    // Whatever no node reads is an output.
    std::vector<bool> read(part.tensors.size());
    for (const Node& node : part.nodes)
        for (const TensorId id : node.inputs)
            read[id] = true;
    for (TensorId id = 0; id < part.tensors.size(); ++id)
        if (!read[id]) part.outputs.push_back(id);

    for (std::size_t i = 0; i < part.inputs.size(); ++i)
        graph.inputs.push_back({"in" + std::to_string(i), "", part.inputs[i], {}});
    for (std::size_t i = 0; i < part.outputs.size(); ++i)
        graph.outputs.push_back({"out" + std::to_string(i), "unit", part.outputs[i], {}});
    graph.main = std::move(part);
    return graph;
}

std::vector<Values> random_inputs(const Graph& graph, std::uint64_t seed) {
    Random random{seed ^ 0x696e70757473ULL};
    std::vector<Values> inputs;
    for (const TensorId id : graph.main.inputs) {
        const Tensor& tensor = graph.main.tensors[id];
        Values values{tensor.type, tensor.shape, {}};
        const bool index = tensor.type == ElementType::index;
        const std::int64_t low = index ? INT32_MIN : INT16_MIN;
        const std::int64_t high = index ? INT32_MAX : INT16_MAX;
        const std::uint32_t style = random.below(4);
        for (std::uint64_t i = 0; i < tensor.shape.elements(); ++i) {
            const std::int64_t small = random.between(-20, 20);
            const std::int64_t free = random.between(low, high);
            values.data.push_back(style == 0   ? random.pick({low, high, high, std::int64_t{0}})
                                  : style == 1 ? small
                                  : style == 2 ? free
                                               : random.pick({low, high, small, free}));
        }
        inputs.push_back(std::move(values));
    }
    return inputs;
}

}  // namespace valence::ml::testing
