// Rules of elementwise operations, reductions to an extremum, rows and lookups; see node_view.hpp.
#include <fmt/format.h>

#include "valence/ml/functions/table.hpp"
#include "valence/ml/graph/limits.hpp"
#include "valence/ml/graph/node_view.hpp"

namespace valence::ml {
namespace {

template <typename Enum>
Result<void> check_enum(Enum value, Enum last) {
    if (value > last) return invalid(fmt::format("parameter {} is none", static_cast<int>(value)));
    return success();
}

/// One activation in, activations of the same shape out.
Result<void> check_map(const NodeView& node) {
    BOOST_OUTCOME_TRY(node.activations(1));
    return node.output_is(ElementType::activation, node.input(0).shape);
}

/// Two inputs that broadcast to the output.
Result<void> check_pair(const NodeView& node) {
    const Shape shapes[]{node.input(0).shape, node.input(1).shape};
    BOOST_OUTCOME_TRY(const Shape shape, broadcast_shape(shapes));
    return node.output_is(ElementType::activation, shape);
}

/// The least and greatest of two ranges, element by element.
Range extremum(Extremum which, const Range& a, const Range& b) {
    return which == Extremum::maximum ? Range{std::max(a.low, b.low), std::max(a.high, b.high)}
                                      : Range{std::min(a.low, b.low), std::min(a.high, b.high)};
}

}  // namespace

Result<void> check(const ReduceExtremum& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.activations(1));
    BOOST_OUTCOME_TRY(check_enum(op.which, Extremum::maximum));
    Shape shape = node.input(0).shape;
    BOOST_OUTCOME_TRY(node.axes(op.axes, shape));
    for (const std::uint8_t axis : op.axes)
        shape[axis] = 1;
    node.results[0] = node.range(0);
    return node.output_is(ElementType::activation, shape);
}

Result<void> check(const ElementwiseExtremum& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.activations(2));
    BOOST_OUTCOME_TRY(check_enum(op.which, Extremum::maximum));
    node.results[0] = extremum(op.which, node.range(0), node.range(1));
    return check_pair(node);
}

Result<void> check(const Lookup& op, const NodeView& node) {
    if (!is_valid(op.table))
        return invalid(fmt::format("no table of function {} with in {}, out {}, a {}, b {}",
                                   static_cast<int>(op.table.function), op.table.in, op.table.out, op.table.a,
                                   op.table.b));
    return check_map(node);
}

Result<void> check(const Softmax& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(check_map(node));
    if (node.input(0).shape.rank() == 0) return invalid("input is a scalar");
    if (op.in < -kMaxExponent || op.in > kMaxExponent) return invalid(fmt::format("exponent {}", op.in));
    node.results[0] = {0, INT16_MAX};
    return success();
}

Result<void> check(const Normalise& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(check_map(node));
    BOOST_OUTCOME_TRY(check_enum(op.norm, Norm::l2));
    if (node.input(0).shape.rank() == 0) return invalid("input is a scalar");
    // With n ≤ 2^16: V ≤ n²·2^30 ≤ 2^62, and |c|·2^(p/2) ≤ √n·2^31, since |c| ≤ √(n·V).
    if (node.input(0).shape.back() > kMaxNormalised)
        return invalid(fmt::format("{} elements, above {}", node.input(0).shape.back(), kMaxNormalised));
    if (op.epsilon > kMaxEpsilon) return invalid("epsilon of 2^60 or more");
    if (op.out > 15) return invalid(fmt::format("exponent {}", op.out));
    return success();
}

Result<void> check(const Division& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.activations(2));
    if (op.shift > 40) return invalid(fmt::format("shift {} above 40", op.shift));
    return check_pair(node);
}

Result<void> check(const ArgExtremum& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.activations(1));
    BOOST_OUTCOME_TRY(check_enum(op.which, Extremum::maximum));
    Shape shape = node.input(0).shape;
    BOOST_OUTCOME_TRY(node.axis(op.axis, shape));
    node.results[0] = {0, Int128{shape[op.axis]} - 1};
    shape[op.axis] = 1;
    return node.output_is(ElementType::index, shape);
}

Result<void> check(const TopK& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.activations(1, 2));
    BOOST_OUTCOME_TRY(check_enum(op.which, Extremum::maximum));
    Shape shape = node.input(0).shape;
    BOOST_OUTCOME_TRY(node.axis(op.axis, shape));
    if (node.output().shape.rank() != shape.rank()) return invalid("output of another rank");
    const std::uint32_t count = node.output().shape[op.axis];
    if (count > shape[op.axis]) return invalid(fmt::format("{} of {}", count, shape[op.axis]));
    node.results[0] = node.range(0);
    node.results[1] = {0, Int128{shape[op.axis]} - 1};
    shape[op.axis] = count;
    BOOST_OUTCOME_TRY(node.output_is(ElementType::activation, shape));
    return node.output_is(ElementType::index, shape, 1);
}

Result<void> check(const Comparison& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.arguments(2));
    BOOST_OUTCOME_TRY(check_enum(op.relation, Relation::less_or_equal));
    BOOST_OUTCOME_TRY(node.input_type(1, node.input(0).type));
    node.results[0] = {0, 1};
    return check_pair(node);
}

Result<void> check(const Choice&, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.arguments(3));
    BOOST_OUTCOME_TRY(node.input_type(2, node.input(1).type));
    const Shape shapes[]{node.input(0).shape, node.input(1).shape, node.input(2).shape};
    BOOST_OUTCOME_TRY(const Shape shape, broadcast_shape(shapes));
    node.results[0] = node.range(1).united(node.range(2));
    return node.output_is(node.input(1).type, shape);
}

Result<void> check(const IndexToActivation& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.arguments(1));
    BOOST_OUTCOME_TRY(node.input_type(0, ElementType::index));
    if (op.shift > 15) return invalid(fmt::format("shift {} above 15", op.shift));
    return node.output_is(ElementType::activation, node.input(0).shape);
}

Result<void> check(const ActivationToIndex& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.activations(1));
    if (op.shift > 31) return invalid(fmt::format("shift {} above 31", op.shift));
    node.results[0] = node.range(0).with_zero();
    return node.output_is(ElementType::index, node.input(0).shape);
}

Result<void> check(const IndexMap& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.arguments(1));
    BOOST_OUTCOME_TRY(node.input_type(0, ElementType::index));
    const Weight& keys = node.weight(op.keys);
    if (keys.shape.rank() != 1) return invalid("keys are not a list");
    BOOST_OUTCOME_TRY(node.weight_type(op.keys, {WeightType::int32}));
    BOOST_OUTCOME_TRY(node.weight_is(op.values, {WeightType::int32}, keys.shape));
    BOOST_OUTCOME_TRY(node.output_is(ElementType::index, node.input(0).shape));
    if (!node.weighed()) return success();
    BOOST_OUTCOME_TRY(node.facts.charge(keys.shape[0]));
    for (std::uint32_t j = 1; j < keys.shape[0]; ++j)
        if (keys[j] <= keys[j - 1]) return invalid(fmt::format("key {} is not above the one before", j));
    return success();
}

}  // namespace valence::ml
