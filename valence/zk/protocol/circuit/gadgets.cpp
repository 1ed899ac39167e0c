#include "valence/zk/protocol/circuit/gadgets.hpp"

#include <bit>
#include <numeric>

namespace valence::zk {
namespace {

/// What is left of numerator − divisor·y once it is brought below the divisor by multiples of it that are
/// only there where y is at a bound.
QuantityId remainder(Compiler& to, QuantityId rest, QuantityId divisor, QuantityId y,
                     const QuotientBounds& bounds, const Saturation& saturation, std::uint32_t weighed_as,
                     const Groups& groups) {
    const ml::Shape of = to.shape(y);
    std::vector<std::pair<Goldilocks, QuantityId>> terms{{kOne, rest}};
    const auto excess = [&](bool above, QuantityId distance) {
        const QuantityId amount =
            to.number(of, bounds.excess_bits, groups, [&](std::uint8_t first, std::uint8_t bits) {
                return QuotientExcess{rest, divisor, above, first, bits};
            });
        to.vanish(product(to, amount, distance), weighed_as);
        terms.emplace_back(above ? kMinusOne : kOne, amount);
    };
    if (saturation.above != Excess::none) excess(true, complement(to, y, bounds.high));
    if (saturation.below != Excess::none) excess(false, shifted(to, y, -bounds.low));
    return to.affine(std::move(terms));
}

}  // namespace

QuantityId product(Compiler& to, QuantityId left, QuantityId right) {
    return to.define(to.shape(left), Multiplication{left, right});
}

QuantityId shifted(Compiler& to, QuantityId of, std::int64_t constant) {
    return to.affine({{kOne, of}}, Goldilocks::of(constant));
}

QuantityId complement(Compiler& to, QuantityId of, std::int64_t constant) {
    return to.affine({{kMinusOne, of}}, Goldilocks::of(constant));
}

QuantityId constant(Compiler& to, const ml::Shape& shape, std::int64_t value) {
    return to.define(shape, Affine{{}, Goldilocks::of(value)});
}

QuantityId ramp(Compiler& to, const ml::Shape& shape, std::uint8_t axis, std::vector<std::int64_t> values) {
    return to.define(shape, Multiplied{constant(to, shape, 1), axis, std::move(values)});
}

QuantityId positions(Compiler& to, const ml::Shape& shape) {
    std::vector<std::pair<Goldilocks, QuantityId>> terms{{kOne, constant(to, shape, 0)}};
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
        if (shape[axis] == 1) continue;
        std::vector<std::int64_t> places(shape[axis]);
        for (std::size_t j = 0; j < places.size(); ++j)
            places[j] = static_cast<std::int64_t>(j * shape.product(axis + 1, shape.rank()));
        terms.emplace_back(kOne, ramp(to, shape, static_cast<std::uint8_t>(axis), std::move(places)));
    }
    return to.affine(std::move(terms));
}

std::uint32_t range_check(Compiler& to, QuantityId value, std::int64_t low, std::int64_t high,
                          const Groups& groups) {
    const auto span = static_cast<std::uint64_t>(high - low);
    const auto bits = static_cast<std::uint8_t>(std::bit_width(span));
    const std::uint32_t lookup = to.range_check(shifted(to, value, -low), bits, groups);
    if (!std::has_single_bit(span + 1)) to.range_check(complement(to, value, high), bits, groups);
    return lookup;
}

Bit bit(Compiler& to, const ml::Shape& shape, ColumnRule rule, const Groups& groups) {
    const QuantityId value = to.column(shape, std::move(rule));
    return {value, to.range_check(value, 1, groups)};
}

QuantityId commit(Compiler& to, QuantityId quantity, std::uint32_t weighed_as) {
    const QuantityId column = to.column(to.shape(quantity), Copy{quantity});
    to.vanish(to.difference(quantity, column), weighed_as);
    return column;
}

Bit is_negative(Compiler& to, QuantityId x, std::uint8_t bits, const Groups& groups) {
    const Bit sign = bit(to, to.shape(x), Negative{x}, groups);
    to.range_check(to.affine({{kOne, x}, {power_of_two(bits), sign.value}}), bits, groups);
    return sign;
}

Bit is_zero(Compiler& to, QuantityId x, const Groups& groups) {
    const Bit zero = bit(to, to.shape(x), Vanishes{x}, groups);
    const QuantityId inverse = to.column(to.shape(x), Inverse{x});
    to.vanish(product(to, x, zero.value), zero.weighed_as);
    to.vanish(to.affine({{kOne, product(to, x, inverse)}, {kOne, zero.value}}, kMinusOne), zero.weighed_as);
    return zero;
}

QuantityId apply(Compiler& to, const ml::Table& function, QuantityId x, const Groups& groups) {
    constexpr std::uint8_t kInside = 6;  // log2 of a segment's length
    const ml::Shape of = to.shape(x);
    const std::uint32_t table = to.function_table(function);
    const auto entry = [&](std::uint8_t number) { return to.column(of, RowEntry{table, x, number}); };
    if (std::holds_alternative<EntryTable>(to.rows_of(table))) {
        const QuantityId y = entry(1);
        to.look_up(table, {x, y}, groups);
        return y;
    }
    const QuantityId start = entry(0);
    const QuantityId value = entry(1);
    const QuantityId rise = entry(2);
    const QuantityId offset = to.difference(x, start);
    if (to.entries(table) == 3) {
        to.look_up(table, {start, value, rise}, groups);
        to.range_check(offset, kInside, groups);
    } else {
        const QuantityId inside = entry(3);
        to.look_up(table, {start, value, rise, inside}, groups);
        to.look_up(to.segment_offsets(),
                   {to.affine({{power_of_two(kInside), inside}, {kOne, offset}}), inside}, groups);
    }
    const QuantityId rounded =
        to.affine({{power_of_two(kInside), value}, {kOne, product(to, rise, offset)}}, Goldilocks(32));
    // y is an integer by its own range check: the next one only says that 64·y is near by in the field.
    const QuantityId y = to.column(of, Shifted{rounded, kInside});
    range_check(to, y, -32768, 32767, groups);
    to.range_check(to.affine({{kOne, rounded}, {-power_of_two(kInside), y}}), kInside, groups);
    return y;
}

Result<QuantityId> quotient(Compiler& to, QuantityId numerator, QuantityId divisor,
                            const QuotientBounds& bounds, const Groups& groups) {
    const Quotient rule{numerator, divisor, bounds.low, bounds.high};
    BOOST_OUTCOME_TRY(const Saturation saturation, to.saturation(rule));
    const QuantityId y = to.column(to.shape(divisor), rule);
    const std::uint32_t weighed_as = range_check(to, y, bounds.low, bounds.high, groups);
    const QuantityId rest = to.difference(numerator, product(to, divisor, y));
    const QuantityId r = remainder(to, rest, divisor, y, bounds, saturation, weighed_as, groups);
    to.range_check(r, bounds.divisor_bits, groups);
    to.range_check(to.affine({{kOne, divisor}, {kMinusOne, r}}, kMinusOne), bounds.divisor_bits, groups);
    return y;
}

QuantityId clamped(Compiler& to, QuantityId x, std::int64_t low, std::int64_t high, std::uint8_t excess_bits,
                   const Groups& groups) {
    const QuantityId one = constant(to, to.shape(x), 1);
    const QuantityId y = to.column(to.shape(x), Quotient{x, one, low, high});
    const std::uint32_t weighed_as = range_check(to, y, low, high, groups);
    const QuantityId rest = to.difference(x, y);
    const Saturation both{Excess::bits_30, Excess::bits_30};
    to.vanish(remainder(to, rest, one, y, {low, high, 1, excess_bits}, both, weighed_as, groups), weighed_as);
    return y;
}

QuantityId chosen(Compiler& to, QuantityId x, QuantityId extremum, std::uint8_t axis,
                  std::uint8_t difference_bits, const Groups& groups) {
    const ml::Shape of = to.shape(x);
    const QuantityId distance = to.difference(to.broadcast(extremum, of), x);
    const std::uint32_t weighed_as = to.range_check(distance, difference_bits, groups);
    const QuantityId s = to.column(of, FirstZero{distance, axis});
    to.vanish(product(to, s, distance), weighed_as);
    const QuantityId sum = to.define(to.shape(extremum), Summed{s});
    to.vanish(shifted(to, to.broadcast(sum, of), -1), weighed_as);
    return s;
}

QuantityId greatest_along(Compiler& to, QuantityId x, std::uint8_t axis, std::uint8_t difference_bits,
                          const Groups& groups) {
    ml::Shape lines = to.shape(x);
    if (lines[axis] == 1) return x;
    lines[axis] = 1;
    const QuantityId y = to.column(lines, GreatestAlong{x, axis});
    chosen(to, x, y, axis, difference_bits, groups);
    return y;
}

}  // namespace valence::zk
