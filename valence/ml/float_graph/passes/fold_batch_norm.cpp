#include <cmath>

#include "valence/ml/float_graph/passes.hpp"
#include "valence/ml/float_graph/passes/channel_affine.hpp"

namespace valence::ml::real {
namespace {

std::optional<ChannelAffine> affine_of(const Graph& graph, const Node& node) {
    for (std::size_t i = 1; i < 5; ++i)
        if (!graph.is_constant(node.inputs[i])) return std::nullopt;
    const auto parameter = [&](std::size_t i, std::size_t c) {
        return static_cast<double>(graph.constant(node.inputs[i])->f32()[c]);
    };
    const auto epsilon = static_cast<double>(node.get<NormAttributes>().epsilon);
    const auto channels = static_cast<std::size_t>(graph.type(node.inputs[1]).count());
    ChannelAffine affine;
    for (std::size_t c = 0; c < channels; ++c) {
        affine.factor.push_back(parameter(1, c) / std::sqrt(parameter(4, c) + epsilon));
        affine.offset.push_back(parameter(2, c) - parameter(3, c) * affine.factor.back());
    }
    return affine;
}

/// Without a product before it: x·factor + offset, the addition taking the node's place.
Node multiplication(Rewrite& rewrite, Node& node, const ChannelAffine& affine) {
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
                found != nullptr && foldable_channels(graph, *found) == affine->factor.size() &&
                (op != Op::matmul || graph.shape(found->outputs[0]).size() == 2))
                product = found;
        if (product != nullptr && rewrite.used_once(node.inputs[0]))
            fold_into_product(rewrite, node, *product, *affine);
        else
            inserted.emplace_back(n, multiplication(rewrite, node, *affine));
    }
    for (auto i = inserted.rbegin(); i != inserted.rend(); ++i)
        graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i->first), std::move(i->second));
    return changes;
}

}  // namespace valence::ml::real
