#include "valence/ml/float_graph/passes.hpp"
#include "valence/ml/float_graph/passes/channel_affine.hpp"

namespace valence::ml::real {
namespace {

/// What the node does to each channel of its computed input, if it is arithmetic with a constant by channel.
std::optional<ChannelAffine> affine_of(const Graph& graph, const Node& node, const Node& product,
                                       const Tensor& constant, bool constant_first) {
    const auto values = by_channel(graph, product, constant);
    if (!values) return std::nullopt;
    ChannelAffine affine{std::vector<double>(values->size(), 1.0), std::vector<double>(values->size(), 0.0)};
    for (std::size_t c = 0; c < values->size(); ++c) {
        const double value = (*values)[c];
        switch (node.op) {
            case Op::mul:
                affine.factor[c] = value;
                break;
            case Op::div:
                if (constant_first || value == 0) return std::nullopt;
                affine.factor[c] = 1 / value;
                break;
            case Op::add:
                affine.offset[c] = value;
                break;
            default:
                affine.factor[c] = constant_first ? -1 : 1;
                affine.offset[c] = constant_first ? value : -value;
        }
    }
    return affine;
}

}  // namespace

std::size_t fold_scale(Graph& graph) {
    Rewrite rewrite(graph);
    std::size_t changes = 0;
    for (auto& node : graph.nodes) {
        if (node.op != Op::mul && node.op != Op::div && node.op != Op::add && node.op != Op::sub) continue;
        const bool constant_first = graph.is_constant(node.inputs[0]);
        const auto x = node.inputs[constant_first ? 1 : 0];
        const auto* constant = graph.constant(node.inputs[constant_first ? 0 : 1]);
        if (constant == nullptr || !rewrite.used_once(x) || graph.type(x) != graph.type(node.outputs[0]))
            continue;
        for (const auto op : {Op::conv, Op::conv_transpose, Op::matmul}) {
            const auto* product = rewrite.source(x, op);
            if (product == nullptr || foldable_channels(graph, *product) == 0) continue;
            const auto affine = affine_of(graph, node, *product, *constant, constant_first);
            if (!affine) continue;
            fold_into_product(rewrite, node, *product, *affine);
            ++changes;
            break;
        }
    }
    return changes;
}

}  // namespace valence::ml::real
