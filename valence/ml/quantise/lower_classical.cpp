// Tree ensembles and label maps.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "valence/ml/graph/tree_steps.hpp"
#include "valence/ml/quantise/lowering.hpp"

namespace valence::ml {
namespace {

/// A node row of the integer ensemble: feature, threshold, left, right.
struct Row {
    std::int64_t feature, threshold, left, right;
};

enum class Side : std::uint8_t { up_to, below };

/// x ≤ threshold (or x < threshold) over the reals as q ≤ result over the integers of that exponent. For
/// values that are whole numbers of steps rounding down is exact; for values that are rounded to steps, one
/// that equals the threshold still does if the threshold is rounded as they are. Of the two, what sorts the
/// `seen` values better.
std::int64_t integer_threshold(double threshold, Side side, int exponent, std::span<const float> seen) {
    const double steps = std::ldexp(threshold, exponent);
    const double down = side == Side::up_to ? std::floor(steps) : std::ceil(steps) - 1;
    const double nearest = std::nearbyint(steps) - (side == Side::up_to ? 0 : 1);
    double best = down;
    if (nearest != down) {
        const auto mistakes = [&](double limit) {
            return std::count_if(seen.begin(), seen.end(), [&](float value) {
                const bool wanted = side == Side::up_to ? value <= threshold : value < threshold;
                return wanted != (std::nearbyint(std::ldexp(double{value}, exponent)) <= limit);
            });
        };
        if (mistakes(nearest) < mistakes(down)) best = nearest;
    }
    return static_cast<std::int64_t>(std::clamp(best, -32769.0, 32767.0));
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

    const auto seen = l.feature_values(node.inputs[0]);

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
        const auto threshold = [&](Side side) {
            return integer_threshold(
                tree.threshold, side, exponent(tree.feature),
                tree.feature < seen.size() ? seen[tree.feature] : std::span<const float>{});
        };
        switch (tree.branch) {
            case real::TreeBranch::less_or_equal:
                rows.push_back({tree.feature, threshold(Side::up_to), yes, no});
                break;
            case real::TreeBranch::less:
                rows.push_back({tree.feature, threshold(Side::below), yes, no});
                break;
            case real::TreeBranch::greater_or_equal:
                rows.push_back({tree.feature, threshold(Side::below), no, yes});
                break;
            case real::TreeBranch::greater:
                rows.push_back({tree.feature, threshold(Side::up_to), no, yes});
                break;
            default: {
                const bool equal = tree.branch == real::TreeBranch::equal;
                const std::int64_t second = static_cast<std::int64_t>(rows.size()) + 1;
                rows.push_back({tree.feature, threshold(Side::up_to), second, equal ? no : yes});
                rows.push_back({tree.feature, threshold(Side::below), equal ? no : yes, equal ? yes : no});
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

/// Integer labels to numbers: the label's place, then the row of a table there. The last row is for all
/// others.
Result<void> lower_numbers(Lowering& l, const real::Node& node, const real::LookupAttributes& attributes,
                           const std::vector<std::int64_t>& keys) {
    const Shape shape = l.shape(node.outputs[0]);
    const auto count = static_cast<std::uint32_t>(keys.size());
    std::vector<std::int64_t> places(keys.size());
    std::iota(places.begin(), places.end(), 0);
    IndexMap map;
    map.keys = l.builder.add_weight(WeightType::int32, {count}, keys);
    map.values = l.builder.add_weight(WeightType::int32, {count}, places);
    map.otherwise = static_cast<std::int32_t>(count);
    const Place place = l.builder.emit(map, {l.at(node.inputs[0]).tensor}, shape, 0, ElementType::index);
    std::vector<double> numbers(attributes.values->f32().begin(), attributes.values->f32().end());
    numbers.push_back(attributes.otherwise->f32()[0]);
    double reach = 0;
    for (const double number : numbers)
        reach = std::max(reach, std::abs(number));
    const int exponent = exponent_for(reach, 1.0);
    std::vector<std::int64_t> integers;
    for (const double number : numbers)
        integers.push_back(to_integer(number, exponent, 32767));
    const WeightId table = l.builder.add_weight(WeightType::int16, {count + 1}, integers);
    l.put(node, l.builder.emit(Gather{0, table}, {place.tensor}, shape, exponent));
    return success();
}

/// Integer labels to integer labels, or to numbers.
Result<void> lower_labels(Lowering& l, const real::Node& node) {
    const auto& attributes = node.get<real::LookupAttributes>();
    const Shape shape = l.shape(node.outputs[0]);
    if (attributes.keys->element() != real::ElementType::i64)
        return unsupported("from labels other than integers");
    const auto narrow = [](std::int64_t value) {
        return std::clamp<std::int64_t>(value, -2147483648LL, 2147483647LL);
    };
    std::vector<std::int64_t> keys;
    std::vector<std::int64_t> values;
    for (const std::int64_t key : attributes.keys->i64()) {
        if (key != narrow(key)) return unsupported("with a label beyond 32 bits");
        keys.push_back(key);
    }
    const auto count = static_cast<std::uint32_t>(keys.size());
    if (attributes.values->element() == real::ElementType::f32)
        return lower_numbers(l, node, attributes, keys);
    if (attributes.values->element() != real::ElementType::i64)
        return unsupported("to labels other than integers and numbers");
    for (const std::int64_t value : attributes.values->i64())
        values.push_back(narrow(value));
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
