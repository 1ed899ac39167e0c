#include <cmath>

#include "valence/ml/float_graph/passes.hpp"

namespace valence::ml::real {
namespace {

/// Whether the operator multiplies with its constants, so that an infinity among them spoils the result.
bool multiplies(Op op) {
    switch (op) {
        case Op::matmul:
        case Op::conv:
        case Op::conv_transpose:
        case Op::batch_norm:
        case Op::layer_norm:
        case Op::rms_norm:
        case Op::group_norm:
        case Op::lstm:
        case Op::gru:
        case Op::rnn:
            return true;
        default:
            return false;
    }
}

}  // namespace

std::optional<UnusableConstant> find_unusable_constant(const Graph& graph) {
    for (const auto& node : graph.nodes)
        for (const auto id : node.inputs) {
            const auto* tensor = graph.constant(id);
            if (tensor == nullptr || tensor->element() != ElementType::f32) continue;
            for (const float v : tensor->f32()) {
                if (std::isnan(v))
                    return UnusableConstant{graph.value(id).name, "has an element that is not a number"};
                if (std::isinf(v) && multiplies(node.op))
                    return UnusableConstant{graph.value(id).name,
                                            "is a weight of " + node.name + " and has an infinite element"};
            }
        }
    return std::nullopt;
}

}  // namespace valence::ml::real
