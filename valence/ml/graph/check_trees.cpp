// Rules of tree ensembles; see node_view.hpp.
#include <fmt/format.h>

#include "valence/ml/graph/limits.hpp"
#include "valence/ml/graph/node_view.hpp"
#include "valence/ml/graph/tree_steps.hpp"

namespace valence::ml {
namespace {

/// That every row is an inner node whose children come later or a leaf with a row of `leaves`.
Result<void> check_rows(const Weight& nodes, std::uint32_t features, std::uint32_t leaves) {
    const std::uint64_t count = nodes.shape[0];
    for (std::uint64_t row = 0; row < count; ++row) {
        const std::int64_t feature = nodes[4 * row];
        const std::int64_t threshold = nodes[4 * row + 1];
        const std::int64_t left = nodes[4 * row + 2];
        const std::int64_t right = nodes[4 * row + 3];
        const auto later = [&](std::int64_t child) {
            return child > static_cast<std::int64_t>(row) && child < static_cast<std::int64_t>(count);
        };
        const bool leaf = feature == -1;
        const bool right_row = leaf ? threshold == 0 && right == 0 && left >= 0 && left < leaves
                                    : feature >= 0 && feature < features && later(left) && later(right);
        if (!right_row)
            return invalid(fmt::format("tree node {} is ({}, {}, {}, {}) with {} features and {} leaves", row,
                                       feature, threshold, left, right, features, leaves));
    }
    return success();
}

/// Of one target: the leaves that can be reached from each row.
std::vector<Range> reachable(const Weight& nodes, const Weight& leaves, std::uint32_t target) {
    std::vector<Range> ranges(nodes.shape[0]);
    for (std::size_t row = ranges.size(); row-- > 0;) {
        const auto left = static_cast<std::size_t>(nodes[4 * row + 2]);
        const auto right = static_cast<std::size_t>(nodes[4 * row + 3]);
        if (nodes[4 * row] == -1) {
            const std::int64_t leaf = leaves[left * leaves.shape[1] + target];
            ranges[row] = {leaf, leaf};
        } else {
            ranges[row] = ranges[left].united(ranges[right]);
        }
    }
    return ranges;
}

}  // namespace

Result<void> check(const TreeEnsemble& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.activations(1));
    const Shape& in = node.input(0).shape;
    if (in.rank() != 2) return invalid("input is not N×F");
    const Weight& nodes = node.weight(op.nodes);
    const Weight& roots = node.weight(op.roots);
    const Weight& leaves = node.weight(op.leaves);
    if (nodes.shape.rank() != 2 || nodes.shape[1] != 4 || roots.shape.rank() != 1 || leaves.shape.rank() != 2)
        return invalid("trees of the wrong shape");
    BOOST_OUTCOME_TRY(node.weight_type(op.nodes, {WeightType::int32}));
    BOOST_OUTCOME_TRY(node.weight_type(op.roots, {WeightType::int32}));
    BOOST_OUTCOME_TRY(node.weight_type(op.leaves, {WeightType::int64}));
    BOOST_OUTCOME_TRY(node.weight_within(op.leaves, -kMaxBias, kMaxBias));
    BOOST_OUTCOME_TRY(node.weight_within(op.roots, 0, std::int64_t{nodes.shape[0]} - 1));
    const std::uint32_t targets = leaves.shape[1];
    if (op.bias) {
        BOOST_OUTCOME_TRY(node.weight_is(*op.bias, {WeightType::int64}, {targets}));
        BOOST_OUTCOME_TRY(node.weight_within(*op.bias, -kMaxBias, kMaxBias));
    }
    BOOST_OUTCOME_TRY(node.output_is(ElementType::activation, {in[0], targets}));

    if (!node.weighed()) return node.requantises({}, op.out);
    const std::uint64_t rows = nodes.shape[0];
    BOOST_OUTCOME_TRY(node.facts.charge(rows * 6 + roots.shape[0]));
    BOOST_OUTCOME_TRY(check_rows(nodes, in[1], leaves.shape[0]));
    if (const std::uint64_t steps = tree_steps(nodes, roots); op.steps != steps)
        return invalid(fmt::format("{} steps through the trees, not {}", steps, op.steps));
    Range all;
    for (std::uint32_t target = 0; target < targets; ++target) {
        BOOST_OUTCOME_TRY(node.facts.charge(rows + roots.shape[0]));
        const auto ranges = reachable(nodes, leaves, target);
        Range sum;
        for (std::uint32_t tree = 0; tree < roots.shape[0]; ++tree)
            sum = sum + ranges[static_cast<std::size_t>(roots[tree])].with_zero();
        if (op.bias) {
            const std::int64_t bias = node.weight(*op.bias)[target];
            sum = sum + Range{bias, bias}.with_zero();
        }
        all = all.united(sum);
    }
    return node.requantises(all, op.out);
}

}  // namespace valence::ml
