#include "valence/ml/float_graph/passes.hpp"
#include "valence/ml/float_graph/passes/rewrite.hpp"

namespace valence::ml::real {
namespace {

/// The bias [O] of a convolution that an addition of `bias` broadcast to `out` amounts to; null if it varies
/// elsewhere than over channels.
std::optional<Tensor> per_channel(const Tensor& bias, const Shape& out) {
    Shape aligned(out.size(), 1);
    if (bias.shape().size() > out.size()) return std::nullopt;
    std::copy(bias.shape().begin(), bias.shape().end(),
              aligned.end() - static_cast<std::ptrdiff_t>(bias.shape().size()));
    for (std::size_t i = 0; i < out.size(); ++i)
        if (i != 1 && aligned[i] != 1) return std::nullopt;
    std::vector<float> values(static_cast<std::size_t>(out[1]));
    for (std::size_t c = 0; c < values.size(); ++c)
        values[c] = bias.f32()[aligned[1] == 1 ? 0 : c];
    return Tensor(Shape{out[1]}, std::move(values));
}

}  // namespace

std::size_t fuse_bias(Graph& graph) {
    Rewrite rewrite(graph);
    std::size_t changes = 0;
    for (auto& node : graph.nodes) {
        if (node.op != Op::add) continue;
        for (const auto op : {Op::matmul, Op::conv, Op::conv_transpose}) {
            const auto sides =
                rewrite.either(node, [&](ValueId id) { return rewrite.source(id, op) != nullptr; });
            if (!sides || !graph.is_constant(sides->second) || !rewrite.used_once(sides->first)) continue;
            const auto* product = rewrite.source(sides->first, op);
            if (product->input(2) != kAbsent || graph.shape(sides->first) != graph.shape(node.outputs[0]))
                continue;
            auto bias = sides->second;
            if (op != Op::matmul) {
                auto channels = per_channel(*graph.constant(bias), graph.shape(node.outputs[0]));
                if (!channels) continue;
                bias = add_constant(graph, graph.value(bias).name, std::move(*channels));
            }
            rewrite.replace(node, op, product->attributes, {product->inputs[0], product->inputs[1], bias});
            ++changes;
            break;
        }
    }
    return changes;
}

}  // namespace valence::ml::real
