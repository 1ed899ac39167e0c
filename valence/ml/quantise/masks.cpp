#include "valence/ml/quantise/masks.hpp"

#include <algorithm>
#include <cmath>

namespace valence::ml {
namespace {

/// Operators that hand elements on, perhaps shifted or chosen among: behind them a mask stays a mask.
bool carries_masks(real::Op op) {
    switch (op) {
        case real::Op::add:
        case real::Op::sub:
        case real::Op::mul:
        case real::Op::div:
        case real::Op::where:
        case real::Op::max:
        case real::Op::min:
        case real::Op::clip:
        case real::Op::cast:
        case real::Op::reshape:
        case real::Op::transpose:
        case real::Op::expand:
        case real::Op::slice:
        case real::Op::concat:
        case real::Op::gather:
        case real::Op::pad:
        case real::Op::tile:
            return true;
        default:
            return false;
    }
}

}  // namespace

std::vector<bool> softmax_arguments(const real::Graph& graph) {
    // Backwards: a value counts if every node that reads it is a softmax or hands it to a value that counts.
    std::vector<bool> counts(graph.values.size(), true);
    std::vector<bool> read(graph.values.size(), false);
    for (const real::Port& output : graph.outputs)
        counts[static_cast<std::size_t>(output.value)] = false;
    for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
        bool passes = node->op == real::Op::softmax || node->op == real::Op::log_softmax;
        if (!passes && carries_masks(node->op)) {
            passes = true;
            for (const real::ValueId output : node->outputs)
                passes = passes && counts[static_cast<std::size_t>(output)] &&
                         read[static_cast<std::size_t>(output)];
        }
        for (const real::ValueId input : node->inputs) {
            if (input < 0) continue;
            read[static_cast<std::size_t>(input)] = true;
            if (!passes) counts[static_cast<std::size_t>(input)] = false;
        }
    }
    for (std::size_t value = 0; value < counts.size(); ++value)
        counts[value] = counts[value] && read[value];
    return counts;
}

void hold_masks(real::Graph& graph) {
    const std::vector<bool> arguments = softmax_arguments(graph);
    for (std::size_t id = 0; id < graph.values.size(); ++id) {
        real::Value& value = graph.values[id];
        if (!arguments[id] || !value.constant || value.type.element != real::ElementType::f32) continue;
        const auto is_far = [](float v) { return std::isfinite(v) && v < kMaskFactor; };
        const auto elements = value.constant->f32();
        if (std::none_of(elements.begin(), elements.end(), is_far)) continue;
        real::Tensor held = *value.constant;
        for (float& element : held.f32())
            if (is_far(element)) element = kMaskFactor;
        value.constant = std::make_shared<const real::Tensor>(std::move(held));
    }
}

void spread_masks(const real::Graph& graph, const std::vector<bool>& arguments, std::vector<bool>& masked) {
    for (const real::Node& node : graph.nodes) {
        if (!carries_masks(node.op)) continue;
        const bool from_masks = std::any_of(node.inputs.begin(), node.inputs.end(), [&](real::ValueId id) {
            return id >= 0 && masked[static_cast<std::size_t>(id)];
        });
        for (const real::ValueId output : node.outputs)
            if (from_masks && arguments[static_cast<std::size_t>(output)])
                masked[static_cast<std::size_t>(output)] = true;
    }
}

}  // namespace valence::ml
