// Choosing exponents and turning real numbers into integers: the arithmetic every lowering shares.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "valence/ml/quantise/ranges.hpp"

namespace valence::ml {

/// Exponents stay within ±kMaxExponent; what is smaller than 2^−kMaxExponent is 0.
inline constexpr int kMaxExponent = 60;
/// Exponents of outputs: 2^−f is exact in 18 decimals up to here.
inline constexpr int kMaxOutputExponent = 18;
inline constexpr int kMaxShift = 24;
/// The largest shift after products with 8-bit weights.
inline constexpr int kMaxShift8 = 16;

/// The largest f with reach·headroom·2^f < 2^15; 15 for a value that is always 0.
int exponent_for(double reach, double headroom);

/// value·2^exponent, rounded half to even, held within ±limit.
std::int64_t to_integer(double value, int exponent, std::int64_t limit);

/// multiplier/2^shift ≈ ratio with shift ≤ kMaxShift and |multiplier| ≤ 2^24, as exact as that allows.
struct Ratio {
    std::int32_t multiplier = 0;
    int shift = 0;
};
Ratio to_ratio(double ratio, int bits = 24);

/// Weights of a layer by output channel: w ≈ integer·2^−(exponent − channel[c]), integers of `bits` bits.
struct QuantisedRows {
    std::vector<std::int16_t> integers;
    std::vector<std::uint8_t> channel;  // e_c, 0 … 15
    int exponent = 0;
    int bits = 16;
};
/// `rows` holds `count` rows of equal width. The exponent is at most `largest`; rows that would need e_c > 15
/// lose digits.
QuantisedRows quantise_rows(std::span<const double> rows, std::size_t count, int bits, int largest);

}  // namespace valence::ml
