#include "valence/ml/float_graph/passes.hpp"
#include "valence/ml/float_graph/passes/rewrite.hpp"

namespace valence::ml::real {
namespace {

/// The first of the trailing axes that a mean is taken over, if it is just those and keeps them.
std::optional<std::int64_t> trailing_axis(const Graph& graph, const Node& mean) {
    const auto& reduced = mean.get<ReducedAxes>();
    const auto rank = static_cast<std::int64_t>(graph.shape(mean.inputs[0]).size());
    const auto count = static_cast<std::int64_t>(reduced.axes.size());
    if (!reduced.keep || count == 0) return std::nullopt;
    for (std::int64_t i = 0; i < count; ++i)
        if (reduced.axes[static_cast<std::size_t>(i)] != rank - count + i) return std::nullopt;
    return rank - count;
}

/// What is squared: x of x·x or x².
std::optional<ValueId> root_of_square(Rewrite& rewrite, ValueId id) {
    if (const auto* mul = rewrite.source(id, Op::mul); mul != nullptr && mul->inputs[0] == mul->inputs[1])
        return mul->inputs[0];
    if (const auto* pow = rewrite.source(id, Op::pow);
        pow != nullptr && rewrite.scalar(pow->inputs[1]) == 2.0)
        return pow->inputs[0];
    return std::nullopt;
}

/// √(mean of squares of `of` over trailing axes + epsilon).
struct Deviation {
    ValueId of = kAbsent;
    std::int64_t axis = 0;
    double epsilon = 0;
};

std::optional<Deviation> deviation(Rewrite& rewrite, ValueId id) {
    const auto* root = rewrite.source(id, Op::sqrt);
    ValueId inside = kAbsent;
    if (root != nullptr) {
        inside = root->inputs[0];
    } else {
        const auto* pow = rewrite.source(id, Op::pow);
        if (pow == nullptr || rewrite.scalar(pow->inputs[1]) != 0.5) return std::nullopt;
        inside = pow->inputs[0];
    }
    const auto* sum = rewrite.source(inside, Op::add);
    if (sum == nullptr) return std::nullopt;
    const auto raised = rewrite.with_scalar(*sum);
    if (!raised || raised->second < 0) return std::nullopt;
    const auto* mean = rewrite.source(raised->first, Op::reduce_mean);
    if (mean == nullptr) return std::nullopt;
    const auto axis = trailing_axis(rewrite.graph(), *mean);
    const auto of = root_of_square(rewrite, mean->inputs[0]);
    if (!axis || !of) return std::nullopt;
    return Deviation{*of, *axis, raised->second};
}

/// numerator/√(…), also as a product with the reciprocal.
std::optional<std::pair<ValueId, Deviation>> quotient(Rewrite& rewrite, const Node& node) {
    if (node.op == Op::div) {
        if (const auto d = deviation(rewrite, node.inputs[1])) return std::pair{node.inputs[0], *d};
        return std::nullopt;
    }
    if (node.op != Op::mul) return std::nullopt;
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
        ValueId root = kAbsent;
        if (const auto* inverse = rewrite.source(node.inputs[i], Op::reciprocal)) root = inverse->inputs[0];
        if (const auto* div = rewrite.source(node.inputs[i], Op::div);
            div != nullptr && rewrite.scalar(div->inputs[0]) == 1.0)
            root = div->inputs[1];
        if (root == kAbsent) continue;
        if (const auto d = deviation(rewrite, root)) return std::pair{node.inputs[1 - i], *d};
    }
    return std::nullopt;
}

/// x if `id` is x − mean(x) over the same axes.
std::optional<ValueId> centred(Rewrite& rewrite, ValueId id, std::int64_t axis) {
    const auto* sub = rewrite.source(id, Op::sub);
    if (sub == nullptr) return std::nullopt;
    const auto* mean = rewrite.source(sub->inputs[1], Op::reduce_mean);
    if (mean == nullptr || mean->inputs[0] != sub->inputs[0]) return std::nullopt;
    const auto own = trailing_axis(rewrite.graph(), *mean);
    if (!own || *own != axis) return std::nullopt;
    return sub->inputs[0];
}

/// A constant parameter of exactly the shape of the normalised axes, from one that broadcasts to it.
std::optional<ValueId> parameter(Graph& graph, ValueId id, const Shape& x, std::int64_t axis) {
    const auto* tensor = graph.constant(id);
    if (tensor == nullptr) return std::nullopt;
    const Shape tail(x.begin() + axis, x.end());
    if (tensor->count() != element_count(tail)) return std::nullopt;
    auto shape = tensor->shape();
    while (shape.size() > tail.size() && shape.front() == 1)
        shape.erase(shape.begin());
    while (shape.size() < tail.size())
        shape.insert(shape.begin(), 1);
    if (shape != tail) return std::nullopt;
    if (tensor->shape() == tail) return id;
    return add_constant(graph, graph.value(id).name,
                        Tensor(tail, std::vector<float>(tensor->f32().begin(), tensor->f32().end())));
}

/// Scale and bias that follow the norm as a product and a sum.
bool absorb(Rewrite& rewrite, Node& node) {
    auto& graph = rewrite.graph();
    if (node.op != Op::mul && node.op != Op::add) return false;
    for (const auto op : {Op::layer_norm, Op::rms_norm}) {
        const auto sides =
            rewrite.either(node, [&](ValueId id) { return rewrite.source(id, op) != nullptr; });
        if (!sides || !rewrite.used_once(sides->first)) continue;
        const auto norm = *rewrite.source(sides->first, op);
        const auto& x = graph.shape(norm.inputs[0]);
        if (graph.shape(node.outputs[0]) != x) continue;
        const auto axis = norm.get<NormAttributes>().axis;
        const bool is_scale = node.op == Op::mul && norm.input(1) == kAbsent && norm.input(2) == kAbsent;
        const bool is_bias = node.op == Op::add && op == Op::layer_norm && norm.input(2) == kAbsent;
        if (!is_scale && !is_bias) continue;
        const auto given = parameter(graph, sides->second, x, axis);
        if (!given) continue;
        std::vector<ValueId> inputs{norm.inputs[0], is_scale ? *given : norm.input(1)};
        if (is_bias) inputs.push_back(*given);
        rewrite.replace(node, op, norm.attributes, std::move(inputs));
        return true;
    }
    return false;
}

}  // namespace

std::size_t recognise_norm(Graph& graph) {
    Rewrite rewrite(graph);
    std::size_t changes = 0;
    for (auto& node : graph.nodes) {
        if (absorb(rewrite, node)) {
            ++changes;
            continue;
        }
        const auto found = quotient(rewrite, node);
        if (!found) continue;
        const auto& [of, axis, epsilon] = found->second;
        if (graph.type(of) != graph.type(node.outputs[0])) continue;
        const NormAttributes norm{axis, 1, static_cast<float>(epsilon)};
        const auto x = centred(rewrite, of, axis);
        // Some exporters subtract the mean twice, once to square it and once to divide it.
        if (found->first != of && (!x || centred(rewrite, found->first, axis) != x)) continue;
        if (x)
            rewrite.replace(node, Op::layer_norm, norm, {*x});
        else
            rewrite.replace(node, Op::rms_norm, norm, {of});
        ++changes;
    }
    return changes;
}

}  // namespace valence::ml::real
