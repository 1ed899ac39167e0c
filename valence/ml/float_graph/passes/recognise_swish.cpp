#include "valence/ml/float_graph/passes.hpp"
#include "valence/ml/float_graph/passes/rewrite.hpp"

namespace valence::ml::real {
namespace {

/// The gate's factor if `gate` is sigmoid(alpha·x).
std::optional<double> sigmoid_of(Rewrite& rewrite, ValueId gate, ValueId x) {
    const auto* sigmoid = rewrite.source(gate, Op::sigmoid);
    if (sigmoid == nullptr) return std::nullopt;
    if (sigmoid->inputs[0] == x) return 1.0;
    const auto* mul = rewrite.source(sigmoid->inputs[0], Op::mul);
    if (mul == nullptr) return std::nullopt;
    const auto scaled = rewrite.with_scalar(*mul);
    if (!scaled || scaled->first != x) return std::nullopt;
    return scaled->second;
}

/// Whether `gate` is clamp(x + 3, 0, 6), and by what it is to be multiplied to be x's gate in HardSwish.
bool is_shifted_relu6(Rewrite& rewrite, ValueId gate, ValueId x) {
    const auto* clip = rewrite.source(gate, Op::clip);
    if (clip == nullptr) return false;
    const auto& bounds = clip->get<Bounds>();
    const auto* add = rewrite.source(clip->inputs[0], Op::add);
    if (add == nullptr || bounds.low != 0 || bounds.high != 6) return false;
    const auto shifted = rewrite.with_scalar(*add);
    return shifted && shifted->first == x && shifted->second == 3;
}

bool is_hard_gate(Rewrite& rewrite, ValueId gate, ValueId x) {
    if (const auto* hard = rewrite.source(gate, Op::hard_sigmoid)) {
        const auto& scalars = hard->get<Scalars>();
        return hard->inputs[0] == x && about(static_cast<double>(scalars.alpha), 1.0 / 6) &&
               scalars.beta == 0.5F;
    }
    if (const auto* div = rewrite.source(gate, Op::div))
        return rewrite.scalar(div->inputs[1]) == 6.0 && is_shifted_relu6(rewrite, div->inputs[0], x);
    if (const auto* mul = rewrite.source(gate, Op::mul)) {
        const auto scaled = rewrite.with_scalar(*mul);
        return scaled && about(scaled->second, 1.0 / 6) && is_shifted_relu6(rewrite, scaled->first, x);
    }
    return false;
}

}  // namespace

std::size_t recognise_swish(Graph& graph) {
    Rewrite rewrite(graph);
    std::size_t changes = 0;
    for (auto& node : graph.nodes) {
        // x·clamp(x + 3, 0, 6)/6 with the division last.
        if (node.op == Op::div && rewrite.scalar(node.inputs[1]) == 6.0) {
            const auto* mul = rewrite.source(node.inputs[0], Op::mul);
            if (mul == nullptr) continue;
            for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
                const auto x = mul->inputs[i];
                if (!is_shifted_relu6(rewrite, mul->inputs[1 - i], x) ||
                    graph.type(x) != graph.type(node.outputs[0]))
                    continue;
                rewrite.replace(node, Op::hard_swish, NoAttributes{}, {x});
                ++changes;
                break;
            }
            continue;
        }
        if (node.op != Op::mul) continue;
        for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
            const auto x = node.inputs[i];
            const auto gate = node.inputs[1 - i];
            if (graph.type(x) != graph.type(node.outputs[0])) continue;
            if (const auto alpha = sigmoid_of(rewrite, gate, x))
                rewrite.replace(node, Op::swish, Scalars{static_cast<float>(*alpha), 0}, {x});
            else if (is_hard_gate(rewrite, gate, x))
                rewrite.replace(node, Op::hard_swish, NoAttributes{}, {x});
            else
                continue;
            ++changes;
            break;
        }
    }
    return changes;
}

}  // namespace valence::ml::real
