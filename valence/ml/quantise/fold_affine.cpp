#include "valence/ml/quantise/fold_affine.hpp"

#include <algorithm>
#include <optional>

namespace valence::ml {
namespace {

/// x·scale + offset along the last axis.
struct Affine {
    std::vector<double> scale;
    std::vector<double> offset;
};

/// A constant as one number per element of the last axis, if it is the same along all others.
std::optional<std::vector<double>> along_last_axis(const real::Tensor& tensor, std::size_t width) {
    if (tensor.element() != real::ElementType::f32) return std::nullopt;
    const auto elements = tensor.f32();
    if (elements.size() == 1) return std::vector<double>(width, elements[0]);
    if (elements.size() != width || tensor.shape().back() != static_cast<std::int64_t>(width))
        return std::nullopt;
    return std::vector<double>(elements.begin(), elements.end());
}

/// What the node does to its computed input, and which that is; nothing if it is no such node.
std::optional<std::pair<real::ValueId, Affine>> as_affine(const real::Graph& graph, const real::Node& node) {
    const bool sum = node.op == real::Op::add || node.op == real::Op::sub;
    if (!sum && node.op != real::Op::mul && node.op != real::Op::div) return std::nullopt;
    const bool constant_first = graph.is_constant(node.inputs[0]);
    const real::ValueId x = node.inputs[constant_first ? 1 : 0];
    const real::ValueId c = node.inputs[constant_first ? 0 : 1];
    if (!graph.is_constant(c) || graph.is_constant(x) || graph.shape(x) != graph.shape(node.outputs[0]) ||
        graph.shape(x).empty() || (constant_first && node.op == real::Op::div))
        return std::nullopt;
    const auto width = static_cast<std::size_t>(graph.shape(x).back());
    const auto values = along_last_axis(*graph.constant(c), width);
    if (!values) return std::nullopt;
    Affine affine{std::vector<double>(width, 1.0), std::vector<double>(width, 0.0)};
    for (std::size_t k = 0; k < width; ++k) {
        const double value = (*values)[k];
        switch (node.op) {
            case real::Op::add:
                affine.offset[k] = value;
                break;
            case real::Op::sub:
                affine.scale[k] = constant_first ? -1 : 1;
                affine.offset[k] = constant_first ? value : -value;
                break;
            case real::Op::mul:
                affine.scale[k] = value;
                break;
            default:
                if (value == 0) return std::nullopt;
                affine.scale[k] = 1 / value;
        }
    }
    return std::pair{x, std::move(affine)};
}

/// Whether the product's bias can take a row of offsets: absent, or constant along the columns.
bool bias_can_take(const real::Graph& graph, const real::Node& node, std::size_t columns) {
    const real::ValueId bias = node.input(2);
    return bias < 0 ||
           (graph.is_constant(bias) && along_last_axis(*graph.constant(bias), columns).has_value());
}

/// weights·diag(scale) and bias + offset·weights as new constants of the node.
void fold_into(real::Graph& graph, std::size_t number, real::ValueId x, const Affine& affine) {
    const real::ValueId weights = graph.nodes[number].inputs[1];
    const bool transposed = graph.nodes[number].get<real::MatMulAttributes>().transpose_b;
    const real::Tensor& old = *graph.constant(weights);
    const std::size_t depth = affine.scale.size();
    const std::size_t columns = old.f32().size() / depth;
    std::vector<double> bias(columns, 0.0);
    if (const real::ValueId id = graph.nodes[number].input(2); id >= 0)
        bias = *along_last_axis(*graph.constant(id), columns);
    real::Tensor scaled = old;
    for (std::size_t k = 0; k < depth; ++k)
        for (std::size_t n = 0; n < columns; ++n) {
            float& weight = scaled.f32()[transposed ? n * depth + k : k * columns + n];
            bias[n] += affine.offset[k] * weight;
            weight = static_cast<float>(weight * affine.scale[k]);
        }
    const std::string name = graph.value(weights).name;
    const real::ValueId new_weights = real::add_constant(graph, name, std::move(scaled));
    const real::ValueId new_bias = real::add_constant(
        graph, name + " (bias)",
        real::Tensor({static_cast<std::int64_t>(columns)}, std::vector<float>(bias.begin(), bias.end())));
    graph.nodes[number].inputs = {x, new_weights, new_bias};
}

void drop_unused(real::Graph& graph) {
    std::vector<std::int32_t> uses = real::use_counts(graph);
    std::vector<real::Node> kept;
    for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
        const bool used = std::any_of(node->outputs.begin(), node->outputs.end(), [&](real::ValueId id) {
            return uses[static_cast<std::size_t>(id)] > 0;
        });
        if (used) {
            kept.push_back(std::move(*node));
            continue;
        }
        for (const real::ValueId id : node->inputs)
            if (id >= 0) --uses[static_cast<std::size_t>(id)];
    }
    std::reverse(kept.begin(), kept.end());
    graph.nodes = std::move(kept);
}

}  // namespace

real::Graph fold_affine(real::Graph graph) {
    const std::vector<std::int32_t> uses = real::use_counts(graph);
    const std::vector<std::int32_t> producer = real::producers(graph);
    for (std::size_t number = 0; number < graph.nodes.size(); ++number) {
        const real::Node& node = graph.nodes[number];
        if (node.op != real::Op::matmul || node.get<real::MatMulAttributes>().transpose_a ||
            !graph.is_constant(node.inputs[1]) || graph.shape(node.inputs[1]).size() != 2)
            continue;
        const auto columns = static_cast<std::size_t>(graph.shape(node.outputs[0]).back());
        if (!bias_can_take(graph, node, columns)) continue;
        for (real::ValueId x = node.inputs[0];;) {
            const std::int32_t made = x >= 0 ? producer[static_cast<std::size_t>(x)] : -1;
            if (made < 0 || uses[static_cast<std::size_t>(x)] != 1) break;
            const auto affine = as_affine(graph, graph.nodes[static_cast<std::size_t>(made)]);
            if (!affine) break;
            fold_into(graph, number, affine->first, affine->second);
            x = affine->first;
        }
    }
    drop_unused(graph);
    return graph;
}

}  // namespace valence::ml
