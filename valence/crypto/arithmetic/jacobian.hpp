// Points of a curve y² = x³ + b over a prime field, in Jacobian coordinates (x / z², y / z³), and
// multiplication by scalars that an endomorphism has split in two halves. Shared by secp256k1 and BN254's G1.
// In variable time: for public data only.
//
// A Field has +, −, *, ==, square, twice, half, is_zero and one.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "valence/base/base.hpp"

namespace valence::crypto {

/// Never infinity.
template <typename Field>
struct AffinePoint {
    Field x, y;
    bool operator==(const AffinePoint&) const = default;
};

template <typename Field>
AffinePoint<Field> operator-(const AffinePoint<Field>& p) {
    return {p.x, -p.y};
}

/// Infinity where z is 0; the default.
template <typename Field>
struct JacobianPoint {
    Field x, y, z;

    bool is_infinity() const { return z.is_zero(); }
    static JacobianPoint from(const AffinePoint<Field>& p) { return {p.x, p.y, Field::one()}; }
};

/// 2·p, with 3 multiplications and 4 squarings: x' = l² − 2·x·y², y' = l·(x·y² − x') − y⁴, z' = y·z, where l
/// = 3x²/2. Here and below, products that do not depend on each other stand together, so that the CPU
/// overlaps them.
template <typename Field>
[[gnu::always_inline]] inline JacobianPoint<Field> twice(const JacobianPoint<Field>& p) {
    const auto xx = square(p.x);
    const auto yy = square(p.y);
    const auto z = p.y * p.z;
    const auto l = half(twice(xx) + xx);
    const auto t = p.x * yy;
    const auto ll = square(l);
    const auto yyyy = square(yy);
    const auto x = ll - twice(t);
    return {x, l * (t - x) - yyyy, z};
}

/// What the sum of two points needs beyond one of them: `h` and `r` are the differences of their x and y in a
/// common frame.
template <typename Field>
[[gnu::always_inline]] inline JacobianPoint<Field> add_by_differences(const JacobianPoint<Field>& p,
                                                                      const Field& h, const Field& r) {
    const auto hh = square(h);
    const auto z = p.z * h;
    const auto rr = square(r);
    const auto v = p.x * hh;
    const auto hhh = hh * h;
    const auto x = rr - hhh - twice(v);
    const auto yhhh = p.y * hhh;
    return {x, r * (v - x) - yhhh, z};
}

/// p + q for p ≠ ±q, neither infinity; `ratio` is the new z over the old (8 multiplications, 3 squarings).
template <typename Field>
JacobianPoint<Field> add_distinct(const JacobianPoint<Field>& p, const AffinePoint<Field>& q, Field& ratio) {
    const auto zz = square(p.z);
    ratio = q.x * zz - p.x;
    return add_by_differences(p, ratio, q.y * (zz * p.z) - p.y);
}

/// p + q, whatever they are but p infinity, where q's coordinates in p's frame are (x·scale², y·scale³).
template <typename Field>
[[gnu::always_inline]] inline JacobianPoint<Field> add_scaled(const JacobianPoint<Field>& p,
                                                              const AffinePoint<Field>& q,
                                                              const Field& scale) {
    const auto ss = square(scale);
    const auto h = q.x * ss - p.x;
    const auto r = q.y * (ss * scale) - p.y;
    if (h.is_zero()) [[unlikely]] {
        return r.is_zero() ? twice(p) : JacobianPoint<Field>{};
    }
    return add_by_differences(p, h, r);
}

/// p + q, whatever they are.
template <typename Field>
[[gnu::always_inline]] inline JacobianPoint<Field> operator+(const JacobianPoint<Field>& p,
                                                             const AffinePoint<Field>& q) {
    return p.is_infinity() ? JacobianPoint<Field>::from(q) : add_scaled(p, q, p.z);
}

/// The odd multiples p, 3p, … (2·size − 1)p, brought to one common z without an inversion: `points` are
/// affine points of the curve's isomorphic image in which that z is 1. Sums made there are brought back by
/// multiplying their z by `z`. The order of p must be larger than 2·size.
template <typename Field, std::size_t size>
struct OddMultiples {
    std::array<AffinePoint<Field>, size> points;
    Field z;

    explicit OddMultiples(const AffinePoint<Field>& p) {
        const auto double_p = twice(JacobianPoint<Field>::from(p));
        // In the image where 2p has z = 1, adding it is a mixed addition.
        const AffinePoint<Field> step{double_p.x, double_p.y};
        const auto zz = square(double_p.z);
        JacobianPoint<Field> sum{p.x * zz, p.y * (zz * double_p.z), Field::one()};
        std::array<Field, size> ratios;
        points[0] = {sum.x, sum.y};
        for (std::size_t i = 1; i < size; ++i) {
            sum = add_distinct(sum, step, ratios[i]);
            points[i] = {sum.x, sum.y};
        }
        z = sum.z * double_p.z;
        auto factor = Field::one();
        for (std::size_t i = size - 1; i-- > 0;) {
            factor = factor * ratios[i + 1];
            const auto square_factor = square(factor);
            points[i] = {points[i].x * square_factor, points[i].y * (square_factor * factor)};
        }
    }
};

/// A scalar below 2^`bits` as Σ digit·2^position with odd digits below 2^(width − 1) in magnitude, any two at
/// least `width` positions apart (width-w non-adjacent form). Positions without a digit hold 0.
template <std::size_t bits>
struct NonAdjacentForm {
    std::array<std::int16_t, bits + 1> digits{};
    /// Positions in use.
    std::size_t size = 0;

    NonAdjacentForm(const U256& scalar, unsigned width) {
        const auto bit_window = [&](std::size_t position) {
            const auto limb = position / 64;
            const auto shift = position % 64;
            if (limb >= 4) return std::uint64_t{0};
            auto window = scalar.limbs[limb] >> shift;
            if (shift != 0 && limb + 1 < 4) window |= scalar.limbs[limb + 1] << (64 - shift);
            return window & ((std::uint64_t{1} << width) - 1);
        };
        std::uint64_t carry = 0;
        for (std::size_t position = 0; position <= bits;) {
            const auto window = bit_window(position) + carry;
            if ((window & 1) == 0) {
                // Equal bits that continue the carry, or none, hold no digit.
                ++position;
                continue;
            }
            carry = window >> (width - 1) & 1;
            const auto digit = static_cast<std::int64_t>(window) - static_cast<std::int64_t>(carry << width);
            digits[position] = static_cast<std::int16_t>(digit);
            size = position + 1;
            position += width;
        }
    }
};

/// The table's entry for an odd digit.
template <typename Field>
[[gnu::always_inline]] inline AffinePoint<Field> select(std::span<const AffinePoint<Field>> odd_multiples,
                                                        int digit) {
    const auto& point = odd_multiples[static_cast<std::size_t>(std::abs(digit) / 2)];
    return digit < 0 ? -point : point;
}

}  // namespace valence::crypto
