// Real numbers as integers in units of 2^−256, for computing the knots of tables. Sums are exact; each
// product, quotient and series is off by a few units. Values of knots are off by less than 2^−100, so that
// rounding with a tolerance of 2^−64 below a tie gives one definite integer.
#pragma once

#include <cstdint>

#include "valence/ml/functions/wide_integer.hpp"

namespace valence::ml::fixed {

using Real = WideInteger;

inline constexpr unsigned kFraction = 256;

/// value·2^power, exact for every power ≥ −256.
Real scaled(std::int64_t value, int power);
inline Real multiply(const Real& a, const Real& b) { return (a * b) >> kFraction; }
inline Real divide(const Real& a, const Real& b) { return (a << kFraction) / b; }
inline const Real& one() {
    static const Real value = Real{1} << kFraction;
    return value;
}
/// Greater than every value that a table can hold, at every exponent.
inline const Real& huge() {
    static const Real value = Real{1} << (kFraction + 64);
    return value;
}

/// Below e^−kCutoff an exponential counts as 0.
inline constexpr int kCutoff = 88;
/// e^v; 0 for v < −88, huge for v > 41.
Real exponential(const Real& v);
/// ln(1 + t) for 0 ≤ t ≤ 1.
Real logarithm_of_one_plus(const Real& t);
/// ln n for 1 ≤ n ≤ 4096.
const Real& logarithm_of(std::uint32_t n);
const Real& ln2();
/// √(2/π)
const Real& root_two_over_pi();
/// v modulo 2π, in [−π, π], for |v| < 2^40.
Real reduce_angle(const Real& v);

struct Angle {
    Real cosine;
    Real sine;
};
/// Of an angle in [−π, π].
Angle angle(const Real& v);

/// value·2^exponent to the nearest integer, half (and 2^−64 less than half) up, saturated to 16 bits.
std::int16_t round_to_16_bits(const Real& value, int exponent);

}  // namespace valence::ml::fixed
