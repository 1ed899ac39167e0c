#include <cmath>

#include "valence/ml/float_graph/passes.hpp"
#include "valence/ml/float_graph/passes/rewrite.hpp"

namespace valence::ml::real {
namespace {

/// y = x·factor + offset, one of each per channel.
struct Affine {
    std::vector<double> factor;
    std::vector<double> offset;
};

std::optional<Affine> affine_of(const Graph& graph, const Node& node) {
    for (std::size_t i = 1; i < 5; ++i)
        if (!graph.is_constant(node.inputs[i])) return std::nullopt;
    const auto parameter = [&](std::size_t i, std::size_t c) {
        return static_cast<double>(graph.constant(node.inputs[i])->f32()[c]);
    };
    const auto epsilon = static_cast<double>(node.get<NormAttributes>().epsilon);
    const auto channels = static_cast<std::size_t>(graph.type(node.inputs[1]).count());
    Affine affine;
    for (std::size_t c = 0; c < channels; ++c) {
        affine.factor.push_back(parameter(1, c) / std::sqrt(parameter(4, c) + epsilon));
        affine.offset.push_back(parameter(2, c) - parameter(3, c) * affine.factor.back());
    }
    return affine;
}

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

/// Whether batch normalisation after this product scales whole output channels of constant weights.
bool foldable(const Graph& graph, const Node& product) {
    if (!graph.is_constant(product.inputs[1])) return false;
    if (product.input(2) != kAbsent && !graph.is_constant(product.input(2))) return false;
    if (product.op != Op::matmul) return true;
    const auto& out = graph.shape(product.outputs[0]);
    if (out.size() != 2 || graph.shape(product.inputs[1]).size() != 2) return false;
    return product.input(2) == kAbsent || graph.type(product.input(2)).count() == out[1];
}

void fold_into(Rewrite& rewrite, Node& node, const Node& product, const Affine& affine) {
    auto& graph = rewrite.graph();
    const auto& weight = *graph.constant(product.inputs[1]);
    std::vector<float> scaled(weight.f32().begin(), weight.f32().end());
    for (std::size_t i = 0; i < scaled.size(); ++i)
        scaled[i] = static_cast<float>(static_cast<double>(scaled[i]) *
                                       affine.factor[output_channel(graph, product, i)]);
    std::vector<float> bias(affine.factor.size());
    for (std::size_t c = 0; c < bias.size(); ++c) {
        const double own =
            product.input(2) == kAbsent ? 0 : static_cast<double>(graph.constant(product.input(2))->f32()[c]);
        bias[c] = static_cast<float>(own * affine.factor[c] + affine.offset[c]);
    }
    const auto weight_shape = weight.shape();
    const auto x = product.inputs[0];
    const auto op = product.op;
    const auto attributes = product.attributes;
    const auto channels = static_cast<std::int64_t>(bias.size());
    const auto name = graph.value(product.inputs[1]).name;
    const auto new_weight = add_constant(graph, name, Tensor(weight_shape, std::move(scaled)));
    const auto new_bias = add_constant(graph, name, Tensor(Shape{channels}, std::move(bias)));
    rewrite.replace(node, op, attributes, {x, new_weight, new_bias});
}

/// Without a product before it: x·factor + offset, the addition taking the node's place.
Node multiplication(Rewrite& rewrite, Node& node, const Affine& affine) {
    auto& graph = rewrite.graph();
    const auto type = graph.type(node.outputs[0]);
    Shape shape(type.shape.size() - 1, 1);
    shape[0] = type.shape[1];
    const std::vector<float> factor(affine.factor.begin(), affine.factor.end());
    const std::vector<float> offset(affine.offset.begin(), affine.offset.end());
    const auto factor_id = add_constant(graph, node.name, Tensor(shape, factor));
    const auto offset_id = add_constant(graph, node.name, Tensor(shape, offset));
    const auto product = add_value(graph, node.name, type);
    Node mul{Op::mul, node.name, {node.inputs[0], factor_id}, {product}, NoAttributes{}};
    rewrite.replace(node, Op::add, NoAttributes{}, {product, offset_id});
    return mul;
}

}  // namespace

std::size_t fold_batch_norm(Graph& graph) {
    Rewrite rewrite(graph);
    std::size_t changes = 0;
    // Multiplications to insert, by the place of the node they precede.
    std::vector<std::pair<std::size_t, Node>> inserted;
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
        auto& node = graph.nodes[n];
        if (node.op != Op::batch_norm) continue;
        const auto affine = affine_of(graph, node);
        if (!affine) continue;
        ++changes;
        const Node* product = nullptr;
        for (const auto op : {Op::conv, Op::conv_transpose, Op::matmul})
            if (const auto* found = rewrite.source(node.inputs[0], op);
                found != nullptr && foldable(graph, *found))
                product = found;
        if (product != nullptr && rewrite.used_once(node.inputs[0]))
            fold_into(rewrite, node, *product, *affine);
        else
            inserted.emplace_back(n, multiplication(rewrite, node, *affine));
    }
    for (auto i = inserted.rbegin(); i != inserted.rend(); ++i)
        graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i->first), std::move(i->second));
    return changes;
}

}  // namespace valence::ml::real
