#include "valence/ml/quantise/fill_channels.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "valence/ml/float_graph/passes.hpp"
#include "valence/ml/float_graph/passes/channel_affine.hpp"

namespace valence::ml {
namespace {

using real::kAbsent;
using real::Node;
using real::Op;
using real::Tensor;

/// Where element `place` of a layer's weight belongs.
struct Channels {
    std::size_t out;
    std::size_t in;
};

/// A convolution or product with constant weights, its channels in axis 1 of input and output.
struct Layer {
    const real::Graph* graph;
    Node* node;
    std::size_t outputs;
    std::size_t inputs;

    const Tensor& weight() const { return *graph->constant(node->inputs[1]); }
    Channels channels(std::size_t place) const {
        const real::Shape& shape = weight().shape();
        if (node->op == Op::conv) {
            const std::size_t taps = static_cast<std::size_t>(weight().count()) / (outputs * inputs);
            return {place / taps / inputs, place / taps % inputs};
        }
        const auto columns = static_cast<std::size_t>(shape[1]);
        if (node->get<real::MatMulAttributes>().transpose_b) return {place / columns, place % columns};
        return {place % columns, place / columns};
    }
};

std::optional<Layer> as_layer(real::Graph& graph, Node& node) {
    const std::size_t outputs = real::foldable_channels(graph, node);
    if (outputs == 0) return std::nullopt;
    const real::Shape& weight = graph.shape(node.inputs[1]);
    if (node.op == Op::conv) {
        if (node.get<real::Window>().groups != 1) return std::nullopt;
        return Layer{&graph, &node, outputs, static_cast<std::size_t>(weight[1])};
    }
    if (node.op != Op::matmul || node.get<real::MatMulAttributes>().transpose_a ||
        graph.shape(node.inputs[0]).size() != 2 || graph.shape(node.outputs[0]).size() != 2)
        return std::nullopt;
    return Layer{&graph, &node, outputs,
                 static_cast<std::size_t>(graph.type(node.inputs[1]).count()) / outputs};
}

/// Whether the node, reading `x`, computes f·y from f·x for every f > 0, channel by channel in axis 1.
bool keeps_factors(const real::Graph& graph, const Node& node) {
    switch (node.op) {
        case Op::relu:
        case Op::leaky_relu:
        case Op::max_pool:
        case Op::average_pool:
            return true;
        case Op::reshape: {
            // [N, C, …] → [N, C·…]: the elements of a channel stay together.
            const real::Shape& from = graph.shape(node.inputs[0]);
            const real::Shape& to = graph.shape(node.outputs[0]);
            return from.size() >= 2 && to.size() == 2 && from[0] == to[0];
        }
        default:
            return false;
    }
}

/// The only node that reads a value.
Node* only_reader(real::Graph& graph, real::ValueId id) {
    for (Node& node : graph.nodes)
        if (std::find(node.inputs.begin(), node.inputs.end(), id) != node.inputs.end()) return &node;
    return nullptr;
}

/// The layer that reads this one's channels and nothing else does.
std::optional<Layer> next_layer(real::Graph& graph, const real::Rewrite& rewrite, const Layer& layer) {
    real::ValueId at = layer.node->outputs[0];
    while (rewrite.used_once(at)) {
        Node* reader = only_reader(graph, at);
        if (reader == nullptr || reader->inputs[0] != at) return std::nullopt;
        if (auto next = as_layer(graph, *reader)) {
            if (next->inputs % layer.outputs != 0) return std::nullopt;
            return next;
        }
        if (!keeps_factors(graph, *reader)) return std::nullopt;
        at = reader->outputs[0];
    }
    return std::nullopt;
}

/// f_c of every output channel.
std::vector<double> factors(const Layer& layer, int bits) {
    std::vector<double> reach(layer.outputs);
    const auto weights = layer.weight().f32();
    for (std::size_t k = 0; k < weights.size(); ++k) {
        double& most = reach[layer.channels(k).out];
        most = std::max(most, std::abs(static_cast<double>(weights[k])));
    }
    const double full = std::ldexp(1.0, bits - 1) - 1;
    for (double& most : reach) {
        int exponent = 0;
        const double mantissa = std::frexp(most / full, &exponent);  // 1/2 ≤ mantissa < 1
        most = mantissa > 0.5 ? 1 / mantissa : 1;
    }
    return reach;
}

template <typename F>
real::ValueId scaled(real::Graph& graph, real::ValueId id, const F& factor) {
    const Tensor& old = *graph.constant(id);
    std::vector<float> values(old.f32().begin(), old.f32().end());
    for (std::size_t k = 0; k < values.size(); ++k)
        values[k] = static_cast<float>(static_cast<double>(values[k]) * factor(k));
    return real::add_constant(graph, graph.value(id).name, Tensor(old.shape(), std::move(values)));
}

}  // namespace

std::size_t fill_channels(real::Graph& graph, int bits) {
    std::size_t changes = 0;
    const real::Rewrite rewrite(graph);
    for (Node& node : graph.nodes) {
        const auto layer = as_layer(graph, node);
        if (!layer) continue;
        const auto next = next_layer(graph, rewrite, *layer);
        if (!next) continue;
        const std::vector<double> factor = factors(*layer, bits);
        const std::size_t each = next->inputs / layer->outputs;
        // Constants that other nodes share stay as they are; remove_dead drops those that nobody reads any
        // more.
        const real::ValueId weight =
            scaled(graph, node.inputs[1], [&](std::size_t k) { return factor[layer->channels(k).out]; });
        const real::ValueId after = scaled(graph, next->node->inputs[1], [&](std::size_t k) {
            return 1 / factor[next->channels(k).in / each];
        });
        if (node.input(2) != kAbsent)
            node.inputs[2] = scaled(graph, node.inputs[2], [&](std::size_t k) { return factor[k]; });
        node.inputs[1] = weight;
        next->node->inputs[1] = after;
        ++changes;
    }
    if (changes > 0) real::remove_dead(graph);
    return changes;
}

}  // namespace valence::ml
