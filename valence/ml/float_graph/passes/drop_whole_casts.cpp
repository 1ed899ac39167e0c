// Integers that quantised models pass on: as real numbers they are the same.
#include <algorithm>
#include <cmath>

#include "valence/ml/float_graph/passes.hpp"
#include "valence/ml/float_graph/passes/rewrite.hpp"

namespace valence::ml::real {
namespace {

bool is_whole(double value) { return value == std::trunc(value); }

/// Whether all elements of the node's results are whole, given which of its inputs have only such.
template <typename Whole>
bool makes_whole(const Graph& graph, const Node& node, const Whole& whole) {
    const auto all = [&](std::size_t first = 0) {
        return std::all_of(node.inputs.begin() + static_cast<std::ptrdiff_t>(first), node.inputs.end(),
                           [&](ValueId id) { return id == kAbsent || whole(id); });
    };
    switch (node.op) {
        case Op::round:
        case Op::floor:
        case Op::ceil:
        case Op::sign:
            return true;
        case Op::cast:
            return graph.type(node.inputs[0]).element != ElementType::f32 || all();
        case Op::clip: {
            const auto& bounds = node.get<Bounds>();
            return all() && (std::isinf(bounds.low) || is_whole(bounds.low)) &&
                   (std::isinf(bounds.high) || is_whole(bounds.high));
        }
        case Op::pad:
            return all() && is_whole(node.get<PadAttributes>().value);
        case Op::relu:
        case Op::neg:
        case Op::abs:
        case Op::add:
        case Op::sub:
        case Op::mul:
        case Op::min:
        case Op::max:
        case Op::matmul:
        case Op::conv:
        case Op::reduce_sum:
        case Op::reduce_max:
        case Op::reduce_min:
        case Op::concat:
        case Op::split:
        case Op::slice:
        case Op::gather:
        case Op::transpose:
        case Op::reshape:
        case Op::expand:
        case Op::tile:
            return all();
        case Op::where:
            return all(1);
        default:
            return false;
    }
}

/// By value: whether every element is a whole number, whatever the inputs.
std::vector<bool> whole_values(const Graph& graph) {
    std::vector<bool> whole(graph.values.size(), false);
    for (std::size_t id = 0; id < whole.size(); ++id) {
        if (graph.values[id].type.element != ElementType::f32) {
            whole[id] = true;
        } else if (const auto& constant = graph.values[id].constant) {
            const auto elements = constant->f32();
            whole[id] = std::all_of(elements.begin(), elements.end(),
                                    [](float v) { return std::isfinite(v) && is_whole(v); });
        }
    }
    const auto known = [&](ValueId id) -> bool { return whole[static_cast<std::size_t>(id)]; };
    for (const Node& node : graph.nodes)
        if (makes_whole(graph, node, known))
            for (const ValueId output : node.outputs)
                whole[static_cast<std::size_t>(output)] = true;
    return whole;
}

}  // namespace

std::size_t drop_whole_casts(Graph& graph) {
    Rewrite rewrite(graph);
    std::size_t changes = 0;
    std::vector<bool> whole;  // made when a first pair of casts is found
    for (Node& node : graph.nodes) {
        if (node.op != Op::cast || node.get<CastTo>().element != ElementType::f32) continue;
        const Node* there = rewrite.source(node.inputs[0], Op::cast);
        if (there == nullptr || graph.type(there->inputs[0]).element != ElementType::f32) continue;
        if (whole.empty()) whole = whole_values(graph);
        const ValueId source = there->inputs[0];
        if (!whole[static_cast<std::size_t>(source)]) continue;
        rewrite.replace(node, Op::reshape, TargetShape{graph.shape(node.outputs[0])}, {source});
        ++changes;
    }
    return changes;
}

}  // namespace valence::ml::real
