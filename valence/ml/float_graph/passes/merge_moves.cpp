#include <numeric>

#include "valence/ml/float_graph/passes.hpp"
#include "valence/ml/float_graph/passes/rewrite.hpp"

namespace valence::ml::real {
namespace {

/// Whether the node hands on its input unchanged.
bool is_identity(const Graph& graph, const Node& node) {
    if (node.op == Op::reshape || node.op == Op::expand || node.op == Op::tile || node.op == Op::pad ||
        node.op == Op::slice) {
        if (graph.type(node.inputs[0]) != graph.type(node.outputs[0])) return false;
        if (node.op != Op::slice) return true;
        const auto& step = node.get<SliceAttributes>().step;
        return std::all_of(step.begin(), step.end(), [](auto s) { return s == 1; });
    }
    if (node.op == Op::cast) return graph.type(node.inputs[0]) == graph.type(node.outputs[0]);
    if (node.op == Op::transpose) {
        const auto& axes = node.get<Permutation>().axes;
        return std::is_sorted(axes.begin(), axes.end());
    }
    return false;
}

}  // namespace

std::size_t merge_moves(Graph& graph) {
    Rewrite rewrite(graph);
    std::size_t changes = 0;
    for (auto& node : graph.nodes) {
        if (node.op == Op::reshape) {
            const auto* before = rewrite.source(node.inputs[0], Op::reshape);
            if (before == nullptr) continue;
            rewrite.replace(node, Op::reshape, node.attributes, {before->inputs[0]});
            ++changes;
        } else if (node.op == Op::transpose) {
            const auto* before = rewrite.source(node.inputs[0], Op::transpose);
            if (before == nullptr) continue;
            Permutation both;
            for (const auto axis : node.get<Permutation>().axes)
                both.axes.push_back(before->get<Permutation>().axes[static_cast<std::size_t>(axis)]);
            rewrite.replace(node, Op::transpose, std::move(both), {before->inputs[0]});
            ++changes;
        }
    }
    // Readers of what an identity hands on read what it was given; sources come before their readers.
    std::vector<ValueId> same(graph.values.size());
    std::iota(same.begin(), same.end(), 0);
    for (auto& node : graph.nodes) {
        for (auto& id : node.inputs)
            if (id != kAbsent) id = same[static_cast<std::size_t>(id)];
        if (!is_identity(graph, node)) continue;
        same[static_cast<std::size_t>(node.outputs[0])] = node.inputs[0];
        ++changes;
    }
    for (auto& port : graph.outputs)
        port.value = same[static_cast<std::size_t>(port.value)];
    return changes;
}

}  // namespace valence::ml::real
