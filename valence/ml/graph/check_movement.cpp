// Rules of the operations that move elements; see node_view.hpp.
#include <fmt/format.h>

#include "valence/ml/graph/limits.hpp"
#include "valence/ml/graph/node_view.hpp"

namespace valence::ml {
namespace {

/// One input, and one output of its type and range.
Result<void> check_moved(const NodeView& node) {
    BOOST_OUTCOME_TRY(node.arguments(1));
    node.results[0] = node.range(0);
    return node.output_is(node.input(0).type, node.output().shape);
}

/// `list` has one entry for each axis of the input, and the output has the same axes.
Result<void> check_per_axis(std::size_t entries, const NodeView& node) {
    if (entries != node.input(0).shape.rank() || node.output().shape.rank() != entries)
        return invalid("not one entry for each axis");
    return success();
}

}  // namespace

Result<void> check(const Reshape&, const NodeView& node) {
    BOOST_OUTCOME_TRY(check_moved(node));
    if (node.input(0).shape.elements() != node.output().shape.elements())
        return invalid(fmt::format("{} has other elements than {}", to_string(node.input(0).shape),
                                   to_string(node.output().shape)));
    return success();
}

Result<void> check(const Transpose& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(check_moved(node));
    BOOST_OUTCOME_TRY(check_per_axis(op.permutation.size(), node));
    Shape shape = node.input(0).shape;
    std::uint32_t seen = 0;
    for (std::size_t axis = 0; axis < op.permutation.size(); ++axis) {
        BOOST_OUTCOME_TRY(node.axis(op.permutation[axis], shape));
        if ((seen >> op.permutation[axis] & 1) != 0) return invalid("an axis twice");
        seen |= 1U << op.permutation[axis];
        shape[axis] = node.input(0).shape[op.permutation[axis]];
    }
    return node.output_is(node.input(0).type, shape);
}

Result<void> check(const Slice& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(check_moved(node));
    BOOST_OUTCOME_TRY(check_per_axis(op.start.size(), node));
    BOOST_OUTCOME_TRY(check_per_axis(op.step.size(), node));
    for (std::size_t axis = 0; axis < op.start.size(); ++axis) {
        const Int128 last =
            Int128{op.start[axis]} + Int128{op.step[axis]} * (Int128{node.output().shape[axis]} - 1);
        const Int128 extent = node.input(0).shape[axis];
        if (op.step[axis] == 0 || op.start[axis] >= extent || last < 0 || last >= extent)
            return invalid(fmt::format("axis {}: {} elements from {} by {} leave an extent of {}", axis,
                                       node.output().shape[axis], op.start[axis], op.step[axis], extent));
    }
    return success();
}

Result<void> check(const Concatenation& op, const NodeView& node) {
    if (node.node.inputs.empty()) return invalid("no inputs");
    BOOST_OUTCOME_TRY(node.arguments(node.node.inputs.size()));
    Shape shape = node.input(0).shape;
    BOOST_OUTCOME_TRY(node.axis(op.axis, shape));
    Range range = node.range(0);
    std::uint64_t extent = shape[op.axis];
    for (std::size_t i = 1; i < node.node.inputs.size(); ++i) {
        BOOST_OUTCOME_TRY(node.input_type(i, node.input(0).type));
        Shape other = node.input(i).shape;
        if (other.rank() != shape.rank()) return invalid("inputs of different rank");
        extent += other[op.axis];
        other[op.axis] = shape[op.axis];
        if (other != shape) return invalid(fmt::format("input {} has other extents", i));
        range = range.united(node.range(i));
    }
    if (extent > kMaxElements) return invalid("output too large");
    shape[op.axis] = static_cast<std::uint32_t>(extent);
    node.results[0] = range;
    return node.output_is(node.input(0).type, shape);
}

Result<void> check(const Padding& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(check_moved(node));
    BOOST_OUTCOME_TRY(check_per_axis(op.before.size(), node));
    for (std::size_t axis = 0; axis < op.before.size(); ++axis)
        if (std::uint64_t{op.before[axis]} + node.input(0).shape[axis] > node.output().shape[axis])
            return invalid(fmt::format("axis {} is padded beyond the output", axis));
    const Range allowed = Range::of(node.input(0).type);
    if (op.value < allowed.low || op.value > allowed.high)
        return invalid(fmt::format("padding with {}", op.value));
    node.results[0] = node.range(0).united({op.value, op.value});
    return success();
}

Result<void> check(const Broadcast&, const NodeView& node) {
    BOOST_OUTCOME_TRY(check_moved(node));
    return node.broadcasts(node.input(0).shape, node.output().shape);
}

Result<void> check(const Selection& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(check_moved(node));
    Shape shape = node.input(0).shape;
    BOOST_OUTCOME_TRY(node.axis(op.axis, shape));
    if (node.weight(op.indices).shape.rank() != 1) return invalid("indices are not a list");
    BOOST_OUTCOME_TRY(node.weight_type(op.indices, {WeightType::int32}));
    BOOST_OUTCOME_TRY(node.weight_within(op.indices, 0, std::int64_t{shape[op.axis]} - 1));
    shape[op.axis] = node.weight(op.indices).shape[0];
    return node.output_is(node.input(0).type, shape);
}

Result<void> check(const Gather& op, const NodeView& node) {
    const std::size_t last = op.table ? 0 : 1;
    BOOST_OUTCOME_TRY(node.arguments(last + 1));
    BOOST_OUTCOME_TRY(node.input_type(last, ElementType::index));
    if (op.table) {
        BOOST_OUTCOME_TRY(node.weight_type(*op.table, {WeightType::int8, WeightType::int16}));
    }
    const ElementType type = op.table ? ElementType::activation : node.input(0).type;
    const Shape& source = op.table ? node.weight(*op.table).shape : node.input(0).shape;
    const Shape& indices = node.input(last).shape;
    BOOST_OUTCOME_TRY(node.axis(op.axis, source));
    if (source.rank() - 1 + indices.rank() > kMaxRank) return invalid("output of too high a rank");
    std::vector<std::uint32_t> extents;
    for (std::size_t axis = 0; axis < source.rank(); ++axis) {
        if (axis == op.axis)
            extents.insert(extents.end(), indices.extents().begin(), indices.extents().end());
        else
            extents.push_back(source[axis]);
    }
    if (!op.table)
        node.results[0] = node.range(0);
    else if (node.weighed())
        node.results[0] = node.facts.range(*op.table);
    return node.output_is(type, Shape{std::span<const std::uint32_t>(extents)});
}

Result<void> check(const Constant& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.arguments(0));
    BOOST_OUTCOME_TRY(node.weight_type(op.value, {WeightType::int8, WeightType::int16, WeightType::int32}));
    const Weight& value = node.weight(op.value);
    if (node.weighed()) node.results[0] = node.facts.range(op.value);
    return node.output_is(value.type == WeightType::int32 ? ElementType::index : ElementType::activation,
                          value.shape);
}

}  // namespace valence::ml
