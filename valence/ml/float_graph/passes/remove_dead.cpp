#include "valence/ml/float_graph/passes.hpp"

namespace valence::ml::real {

void remove_dead(Graph& graph) {
    std::vector<bool> needed(graph.values.size(), false);
    for (const auto* ports : {&graph.inputs, &graph.outputs})
        for (const auto& port : *ports)
            needed[static_cast<std::size_t>(port.value)] = true;
    std::vector<Node> kept;
    for (auto n = graph.nodes.size(); n-- > 0;) {
        auto& node = graph.nodes[n];
        const bool live = std::any_of(node.outputs.begin(), node.outputs.end(),
                                      [&](ValueId id) { return needed[static_cast<std::size_t>(id)]; });
        if (!live) continue;
        for (const auto* list : {&node.inputs, &node.outputs})
            for (const auto id : *list)
                if (id != kAbsent) needed[static_cast<std::size_t>(id)] = true;
        kept.push_back(std::move(node));
    }
    std::reverse(kept.begin(), kept.end());
    graph.nodes = std::move(kept);

    std::vector<ValueId> renumbered(graph.values.size(), kAbsent);
    std::vector<Value> values;
    for (std::size_t i = 0; i < graph.values.size(); ++i) {
        if (!needed[i]) continue;
        renumbered[i] = static_cast<ValueId>(values.size());
        values.push_back(std::move(graph.values[i]));
    }
    graph.values = std::move(values);
    const auto renumber = [&](ValueId& id) {
        if (id != kAbsent) id = renumbered[static_cast<std::size_t>(id)];
    };
    for (auto& node : graph.nodes) {
        std::for_each(node.inputs.begin(), node.inputs.end(), renumber);
        std::for_each(node.outputs.begin(), node.outputs.end(), renumber);
    }
    for (auto* ports : {&graph.inputs, &graph.outputs})
        for (auto& port : *ports)
            renumber(port.value);
}

}  // namespace valence::ml::real
