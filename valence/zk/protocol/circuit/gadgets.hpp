// Statements about elements, built from lookups and products: each is a few columns that only exist if the
// statement is true. Bounds are over the integers; p > 2^63, so an equation between sums below 2^62 that
// holds in the field holds over the integers.
#pragma once

#include "valence/zk/protocol/circuit/compiler.hpp"

namespace valence::zk {

using Groups = Compiler::Groups;

inline const Goldilocks kOne{1};
inline const Goldilocks kMinusOne = Goldilocks::of(-1);
inline Goldilocks power_of_two(unsigned exponent) { return Goldilocks(std::uint64_t{1} << exponent); }

QuantityId product(Compiler& to, QuantityId left, QuantityId right);
/// quantity + constant.
QuantityId shifted(Compiler& to, QuantityId of, std::int64_t constant);
/// constant − quantity.
QuantityId complement(Compiler& to, QuantityId of, std::int64_t constant);
/// The same number everywhere.
QuantityId constant(Compiler& to, const ml::Shape& shape, std::int64_t value);
/// values[j] at place j of an axis.
QuantityId ramp(Compiler& to, const ml::Shape& shape, std::uint8_t axis, std::vector<std::int64_t> values);
/// 0, 1, 2 … in row-major order.
QuantityId positions(Compiler& to, const ml::Shape& shape);

/// low ≤ value ≤ high, high − low < 2^62. Gives the number of a lookup.
std::uint32_t range_check(Compiler& to, QuantityId value, std::int64_t low, std::int64_t high,
                          const Groups& groups);
/// A committed 0 or 1.
struct Bit {
    QuantityId value = 0;
    std::uint32_t weighed_as = 0;  // its lookup
};
Bit bit(Compiler& to, const ml::Shape& shape, ColumnRule rule, const Groups& groups);
/// A product or another quantity that is not linear, committed so that products can be taken of it.
QuantityId commit(Compiler& to, QuantityId quantity, std::uint32_t weighed_as);

/// Whether x < 0, for −2^bits ≤ x < 2^bits. x + 2^bits·b in [0, 2^bits) has no solution for the other b.
Bit is_negative(Compiler& to, QuantityId x, std::uint8_t bits, const Groups& groups);
/// Whether x = 0: b with x·b = 0 and x·w = 1 − b for some w. If x = 0, the second makes b 1; if not, the
/// first makes it 0.
Bit is_zero(Compiler& to, QuantityId x, const Groups& groups);

/// y = function(x) for activations x.
///
/// As entries: (x, y) is a row. As segments: (start, value, rise) is a row, x − start is in [0, 64), and
/// rise·(x − start) + 32 + 64·(value − y) in [0, 64): of the rows only one starts within 64 below x, and y
/// is the only integer that leaves such a remainder. Where there are exact entries among the rows, a fourth
/// entry says of each which it is, and x − start must be 0 there.
QuantityId apply(Compiler& to, const ml::Table& function, QuantityId x, const Groups& groups);

/// What a quotient may be, and how large what it is made of.
struct QuotientBounds {
    std::int64_t low = -32768;
    std::int64_t high = 32767;
    std::uint8_t divisor_bits = 0;  // divisor < 2^divisor_bits
    std::uint8_t excess_bits = 0;   // |numerator − divisor·y| < 2^excess_bits, at most 2^61
};
/// y = clamp(⌊numerator / divisor⌋, low, high), the divisor linear and at least 0; 0 has no assignment.
///
/// Columns y in [low, high], above ≥ 0 with above·(high − y) = 0, below ≥ 0 with below·(y − low) = 0, and
/// r = numerator − divisor·y − above + below with 0 ≤ r < divisor. If above = below = 0, y is the floor. If
/// above > 0, y = high, and numerator − divisor·high ≥ r ≥ 0, so the floor is at least high; below likewise.
/// |numerator|, divisor·|y|, above and below are below 2^61 each.
Result<QuantityId> quotient(Compiler& to, QuantityId numerator, QuantityId divisor,
                            const QuotientBounds& bounds, const Groups& groups);
/// y = clamp(x, low, high) where x is less than 2^excess_bits outside: the quotient by 1, without asking
/// for flags.
QuantityId clamped(Compiler& to, QuantityId x, std::int64_t low, std::int64_t high, std::uint8_t excess_bits,
                   const Groups& groups);

/// Which element of each line along an axis is `extremum` (of extent 1 there), which is at least each of
/// them: a column s that is 0 where extremum − x is not, and adds up to 1 along each line, so that one
/// difference is 0. Where elements are equal s is not unique.
QuantityId chosen(Compiler& to, QuantityId x, QuantityId extremum, std::uint8_t axis,
                  std::uint8_t difference_bits, const Groups& groups);
/// The greatest element of each line along an axis.
QuantityId greatest_along(Compiler& to, QuantityId x, std::uint8_t axis, std::uint8_t difference_bits,
                          const Groups& groups);

}  // namespace valence::zk
