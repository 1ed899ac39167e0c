// Comparing, choosing, dividing, and changing between indices and activations.
#include "valence/zk/protocol/circuit/gadgets.hpp"

namespace valence::zk {
namespace {

constexpr std::int64_t kLeast = -32768;
constexpr std::int64_t kLargest = 32767;
constexpr std::uint8_t kActivationBits = 16;
constexpr std::uint8_t kIndexBits = 32;

}  // namespace

/// less: y·(2·(z − x) − 1) + x − z ≥ 0 for a bit y, which is z − x − 1 for y = 1 and x − z for y = 0.
/// less or equal: that z < x does not hold.
Result<void> compile_node(Compiler& to, const ml::Comparison& comparison, const ml::Node& node) {
    const ml::Shape& out = to.tensor_shape(node.outputs[0]);
    const auto groups = by_axis(out);
    QuantityId x = to.broadcast(to.tensor(node.inputs[0]), out);
    QuantityId z = to.broadcast(to.tensor(node.inputs[1]), out);
    if (comparison.relation == ml::Relation::equal) {
        to.set_tensor(node.outputs[0], is_zero(to, to.difference(x, z), groups).value);
        return success();
    }
    const bool or_equal = comparison.relation == ml::Relation::less_or_equal;
    if (or_equal) std::swap(x, z);
    const bool indices = to.tensor_type(node.inputs[0]) == ml::ElementType::index;
    const QuantityId ahead = to.difference(x, z);
    const Bit less = bit(to, out, Negative{ahead}, groups);
    const QuantityId turned = to.affine({{Goldilocks::of(-2), ahead}}, kMinusOne);
    to.range_check(to.affine({{kOne, product(to, turned, less.value)}, {kOne, ahead}}),
                   indices ? kIndexBits : kActivationBits, groups);
    to.set_tensor(node.outputs[0], or_equal ? complement(to, less.value, 1) : less.value);
    return success();
}

Result<void> compile_node(Compiler& to, const ml::Choice&, const ml::Node& node) {
    const ml::Shape& out = to.tensor_shape(node.outputs[0]);
    const QuantityId condition = to.tensor(node.inputs[0]);
    const Bit zero = is_zero(to, condition, by_axis(to.shape(condition)));
    const QuantityId x = to.broadcast(to.tensor(node.inputs[1]), out);
    const QuantityId z = to.broadcast(to.tensor(node.inputs[2]), out);
    const QuantityId otherwise = to.broadcast(zero.value, out);
    const QuantityId y = to.affine({{kOne, x}, {kOne, product(to, otherwise, to.difference(z, x))}});
    // Some lookup of the result's shape weighs the equation.
    const std::uint32_t weighed_as =
        to.shape(condition) == out ? zero.weighed_as : to.range_check(constant(to, out, 0), 0, by_axis(out));
    to.set_tensor(node.outputs[0], commit(to, y, weighed_as));
    return success();
}

/// Indices times 2^s are less than 2^46.
Result<void> compile_node(Compiler& to, const ml::IndexToActivation& change, const ml::Node& node) {
    const QuantityId index = to.tensor(node.inputs[0]);
    const QuantityId scaled = to.affine({{power_of_two(change.shift), index}});
    to.set_tensor(node.outputs[0],
                  clamped(to, scaled, kLeast, kLargest, static_cast<std::uint8_t>(kIndexBits + change.shift),
                          by_axis(to.shape(index))));
    return success();
}

/// Toward zero is (x + (2^s − 1)·[x < 0]) >> s: what is shifted out is a number of s bits, and the result,
/// which is all else over 2^s, one of 16 − s.
Result<void> compile_node(Compiler& to, const ml::ActivationToIndex& change, const ml::Node& node) {
    const QuantityId x = to.tensor(node.inputs[0]);
    const ml::Shape of = to.shape(x);
    if (change.shift == 0 || change.shift >= kActivationBits) {
        to.set_tensor(node.outputs[0], change.shift == 0 ? x : constant(to, of, 0));
        return success();
    }
    const auto groups = by_axis(of);
    const Bit negative = is_negative(to, x, kActivationBits - 1, groups);
    const Goldilocks scale = power_of_two(change.shift);
    const QuantityId sum = to.affine({{kOne, x}, {scale - kOne, negative.value}});
    const QuantityId rest = to.number(of, change.shift, groups, [&](std::uint8_t first, std::uint8_t bits) {
        return Limb{sum, first, bits};
    });
    const Goldilocks part = scale.inverse();
    const QuantityId y = to.affine({{part, sum}, {-part, rest}});
    const std::int64_t reach = std::int64_t{1} << (kActivationBits - 1 - change.shift);
    range_check(to, y, -reach, reach - 1, groups);
    to.set_tensor(node.outputs[0], y);
    return success();
}

/// The quotient of 2^(s+1)·x′ + a by 2·a for x′ = ±x and a = |z|. A divisor of 0 is as good as 1 with x times
/// 2^17, which is over every bound unless x is 0: o = 1 where z = 0, and a = |z| + o.
///     a = z − 2·b·z + o,   a − b ≥ o ≥ 0,   o·z = 0,   r < 2·a
/// make b the sign of z (b = 1 asks for |z| ≥ 1, and for −z = |z|) and o = 1 where z is 0 (a quotient by 0
/// has no remainder). |2^(s+1)·x′| ≤ 2^56, 2^17·x ≤ 2^32, 2·a·y ≤ 2^32.
Result<void> compile_node(Compiler& to, const ml::Division& division, const ml::Node& node) {
    const ml::Shape& out = to.tensor_shape(node.outputs[0]);
    const auto groups = by_axis(out);
    const QuantityId x = to.broadcast(to.tensor(node.inputs[0]), out);
    const QuantityId z = to.broadcast(to.tensor(node.inputs[1]), out);
    const Bit negative = bit(to, out, Negative{z}, groups);
    const Bit none = bit(to, out, Vanishes{z}, groups);
    to.vanish(product(to, none.value, z), none.weighed_as);
    const QuantityId a = commit(
        to, to.affine({{kOne, z}, {Goldilocks::of(-2), product(to, negative.value, z)}, {kOne, none.value}}),
        none.weighed_as);
    to.range_check(to.affine({{kOne, a}, {kMinusOne, negative.value}, {kMinusOne, none.value}}),
                   kActivationBits - 1, groups);

    const Goldilocks scale = power_of_two(division.shift + 1U);
    const QuantityId numerator = to.affine({{scale, x},
                                            {Goldilocks::of(-2) * scale, product(to, negative.value, x)},
                                            {power_of_two(17), product(to, none.value, x)},
                                            {kOne, a}});
    const QuantityId divisor = to.affine({{Goldilocks(2), a}});
    const auto excess_bits = static_cast<std::uint8_t>(std::max(division.shift + 16, 33) + 1);
    BOOST_OUTCOME_TRY(const QuantityId y,
                      quotient(to, numerator, divisor, {kLeast, kLargest, 16, excess_bits}, groups));
    to.set_tensor(node.outputs[0], y);
    return success();
}

}  // namespace valence::zk
