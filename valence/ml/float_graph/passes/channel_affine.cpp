#include "valence/ml/float_graph/passes/channel_affine.hpp"

namespace valence::ml::real {
namespace {

/// The channel of the output that each element of the weight contributes to.
std::size_t output_channel(const Graph& graph, const Node& product, std::size_t element) {
    const auto& shape = graph.shape(product.inputs[1]);
    if (product.op == Op::conv) return element / static_cast<std::size_t>(element_count(shape) / shape[0]);
    if (product.op == Op::matmul) {
        const auto columns = static_cast<std::size_t>(shape[1]);
        return product.get<MatMulAttributes>().transpose_b ? element / columns : element % columns;
    }
    // Transposed convolution: [C, O/groups, kernel]; the group follows from the input channel.
    const auto taps = static_cast<std::size_t>(element_count(shape) / (shape[0] * shape[1]));
    const auto outs = static_cast<std::size_t>(shape[1]);
    const auto per_group = static_cast<std::size_t>(shape[0] / product.get<Window>().groups);
    const auto in_channel = element / taps / outs;
    return in_channel / per_group * outs + element / taps % outs;
}

std::size_t channel_axis(const Graph& graph, const Node& product) {
    return product.op == Op::matmul ? graph.shape(product.outputs[0]).size() - 1 : 1;
}

}  // namespace

std::size_t foldable_channels(const Graph& graph, const Node& product) {
    if (product.op != Op::conv && product.op != Op::conv_transpose && product.op != Op::matmul) return 0;
    if (!graph.is_constant(product.inputs[1])) return 0;
    const auto& out = graph.shape(product.outputs[0]);
    if (product.op == Op::matmul && (out.empty() || graph.shape(product.inputs[1]).size() != 2)) return 0;
    const auto channels = out[channel_axis(graph, product)];
    if (product.op == Op::matmul) {
        // With a vector on the left the last axis may be the rows'.
        const auto& weight = graph.shape(product.inputs[1]);
        const auto columns = weight[product.get<MatMulAttributes>().transpose_b ? 0 : 1];
        if (columns != channels) return 0;
    }
    if (product.input(2) != kAbsent) {
        if (!graph.is_constant(product.input(2))) return 0;
        const auto& bias = graph.shape(product.input(2));
        if (graph.type(product.input(2)).count() != channels || bias.back() != channels) return 0;
    }
    return static_cast<std::size_t>(channels);
}

std::optional<std::vector<double>> by_channel(const Graph& graph, const Node& product,
                                              const Tensor& constant) {
    const auto& out = graph.shape(product.outputs[0]);
    if (constant.element() != ElementType::f32 || constant.shape().size() > out.size()) return std::nullopt;
    Shape aligned(out.size(), 1);
    std::copy(constant.shape().begin(), constant.shape().end(),
              aligned.end() - static_cast<std::ptrdiff_t>(constant.shape().size()));
    const auto axis = channel_axis(graph, product);
    for (std::size_t i = 0; i < out.size(); ++i)
        if (i != axis && aligned[i] != 1) return std::nullopt;
    std::vector<double> values(static_cast<std::size_t>(out[axis]));
    for (std::size_t c = 0; c < values.size(); ++c)
        values[c] = constant.f32()[aligned[axis] == 1 ? 0 : c];
    return values;
}

void fold_into_product(Rewrite& rewrite, Node& node, const Node& product, const ChannelAffine& affine) {
    auto& graph = rewrite.graph();
    const auto& weight = *graph.constant(product.inputs[1]);
    std::vector<float> scaled(weight.f32().begin(), weight.f32().end());
    for (std::size_t i = 0; i < scaled.size(); ++i)
        scaled[i] = static_cast<float>(static_cast<double>(scaled[i]) *
                                       affine.factor[output_channel(graph, product, i)]);
    std::vector<float> bias(affine.factor.size());
    bool biased = false;
    for (std::size_t c = 0; c < bias.size(); ++c) {
        const double own =
            product.input(2) == kAbsent ? 0 : static_cast<double>(graph.constant(product.input(2))->f32()[c]);
        bias[c] = static_cast<float>(own * affine.factor[c] + affine.offset[c]);
        biased = biased || bias[c] != 0;
    }
    const auto weight_shape = weight.shape();
    const auto x = product.inputs[0];
    const auto op = product.op;
    const auto attributes = product.attributes;
    const auto channels = static_cast<std::int64_t>(bias.size());
    const auto name = graph.value(product.inputs[1]).name;
    std::vector<ValueId> inputs{x, add_constant(graph, name, Tensor(weight_shape, std::move(scaled)))};
    if (biased) inputs.push_back(add_constant(graph, name, Tensor(Shape{channels}, std::move(bias))));
    rewrite.replace(node, op, attributes, std::move(inputs));
}

}  // namespace valence::ml::real
