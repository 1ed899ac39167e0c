// Tree ensembles and label maps.
#include <algorithm>
#include <cmath>

#include "valence/ml/graph/tree_steps.hpp"
#include "valence/ml/quantise/lowering.hpp"

namespace valence::ml {
namespace {

/// A node row of the integer ensemble: feature, threshold, left, right.
struct Row {
    std::int64_t feature, threshold, left, right;
};

/// x ≤ threshold over the reals as q ≤ result over the integers of that exponent.
std::int64_t at_most(double threshold, int exponent) {
    return static_cast<std::int64_t>(
        std::clamp(std::floor(std::ldexp(threshold, exponent)), -32769.0, 32767.0));
}

/// x < threshold likewise.
std::int64_t below(double threshold, int exponent) {
    return static_cast<std::int64_t>(
        std::clamp(std::ceil(std::ldexp(threshold, exponent)) - 1, -32769.0, 32767.0));
}

Result<void> lower_trees(Lowering& l, const real::Node& node) {
    const real::TreeEnsemble& trees = *node.get<real::TreeAttributes>().ensemble;
    if (trees.aggregate == real::TreeAggregate::min || trees.aggregate == real::TreeAggregate::max)
        return unsupported("with the least or greatest of its trees as result");
    const Place x = l.raw(node.inputs[0]);
    const std::uint32_t targets = trees.targets;
    const int out = l.wanted(node.outputs[0]);
    const auto exponent = [&](std::uint32_t feature) {
        return x.features.empty() ? x.exponent : static_cast<int>(x.features[feature]);
    };

    // Leaves with a shift of 16: their sums keep 16 bits below the result's last.
    const int shift = 16;
    const double share =
        trees.aggregate == real::TreeAggregate::average ? 1.0 / static_cast<double>(trees.roots.size()) : 1.0;
    const std::int64_t limit = std::int64_t{1} << 40;
    std::vector<std::int64_t> leaves;
    std::vector<Row> rows;
    // An equality becomes two comparisons, so places of the source's nodes move.
    std::vector<std::int64_t> place(trees.nodes.size());
    std::int64_t next = 0;
    for (std::size_t k = 0; k < trees.nodes.size(); ++k) {
        place[k] = next;
        const real::TreeBranch branch = trees.nodes[k].branch;
        next += branch == real::TreeBranch::equal || branch == real::TreeBranch::not_equal ? 2 : 1;
    }
    for (const real::TreeNode& tree : trees.nodes) {
        if (tree.branch == real::TreeBranch::leaf) {
            rows.push_back({-1, 0, static_cast<std::int64_t>(leaves.size() / targets), 0});
            std::vector<double> weights(targets, 0.0);
            for (std::uint32_t w = tree.if_true; w < tree.if_false; ++w)
                weights[trees.weights[w].target] += trees.weights[w].weight;
            for (const double weight : weights)
                leaves.push_back(to_integer(weight * share, out + shift, limit));
            continue;
        }
        const std::int64_t yes = place[tree.if_true];
        const std::int64_t no = place[tree.if_false];
        const int e = exponent(tree.feature);
        const double t = tree.threshold;
        switch (tree.branch) {
            case real::TreeBranch::less_or_equal:
                rows.push_back({tree.feature, at_most(t, e), yes, no});
                break;
            case real::TreeBranch::less:
                rows.push_back({tree.feature, below(t, e), yes, no});
                break;
            case real::TreeBranch::greater_or_equal:
                rows.push_back({tree.feature, below(t, e), no, yes});
                break;
            case real::TreeBranch::greater:
                rows.push_back({tree.feature, at_most(t, e), no, yes});
                break;
            default: {
                const bool equal = tree.branch == real::TreeBranch::equal;
                const std::int64_t second = static_cast<std::int64_t>(rows.size()) + 1;
                rows.push_back({tree.feature, at_most(t, e), second, equal ? no : yes});
                rows.push_back({tree.feature, below(t, e), equal ? no : yes, equal ? yes : no});
            }
        }
    }
    std::vector<std::int64_t> flat;
    for (const Row& row : rows)
        flat.insert(flat.end(), {row.feature, row.threshold, row.left, row.right});
    std::vector<std::int64_t> roots;
    for (const std::uint32_t root : trees.roots)
        roots.push_back(place[root]);

    TreeEnsemble ensemble;
    ensemble.nodes =
        l.builder.add_weight(WeightType::int32, {static_cast<std::uint32_t>(rows.size()), 4}, flat);
    ensemble.roots =
        l.builder.add_weight(WeightType::int32, {static_cast<std::uint32_t>(roots.size())}, roots);
    ensemble.leaves = l.builder.add_weight(
        WeightType::int64, {static_cast<std::uint32_t>(leaves.size() / targets), targets}, leaves);
    if (!trees.base.empty()) {
        std::vector<std::int64_t> bias;
        for (const float base : trees.base)
            bias.push_back(to_integer(base, out + shift, limit));
        ensemble.bias = l.builder.add_weight(WeightType::int64, {targets}, bias);
    }
    ensemble.out = l.builder.requantisation(shift, out, kUnclamped);
    ensemble.steps =
        tree_steps(l.builder.graph().weights[ensemble.nodes], l.builder.graph().weights[ensemble.roots]);
    l.put(node, l.builder.emit(ensemble, {x.tensor}, l.shape(node.outputs[0]), out));
    return success();
}

/// Integer labels to integer labels, or to numbers.
Result<void> lower_labels(Lowering& l, const real::Node& node) {
    const auto& attributes = node.get<real::LookupAttributes>();
    const Shape shape = l.shape(node.outputs[0]);
    if (attributes.keys->element() != real::ElementType::i64 ||
        attributes.values->element() != real::ElementType::i64)
        return unsupported("between labels other than integers");
    const auto narrow = [](std::int64_t value) {
        return std::clamp<std::int64_t>(value, -2147483648LL, 2147483647LL);
    };
    std::vector<std::int64_t> keys;
    std::vector<std::int64_t> values;
    for (const std::int64_t key : attributes.keys->i64()) {
        if (key != narrow(key)) return unsupported("with a label beyond 32 bits");
        keys.push_back(key);
    }
    for (const std::int64_t value : attributes.values->i64())
        values.push_back(narrow(value));
    const auto count = static_cast<std::uint32_t>(keys.size());
    IndexMap map;
    map.keys = l.builder.add_weight(WeightType::int32, {count}, keys);
    map.values = l.builder.add_weight(WeightType::int32, {count}, values);
    map.otherwise = static_cast<std::int32_t>(narrow(attributes.otherwise->i64()[0]));
    l.put(node, l.builder.emit(map, {l.at(node.inputs[0]).tensor}, shape, 0, ElementType::index));
    return success();
}

}  // namespace

Result<void> lower_classical(Lowering& l, const real::Node& node) {
    return node.op == real::Op::tree_ensemble ? lower_trees(l, node) : lower_labels(l, node);
}

}  // namespace valence::ml
