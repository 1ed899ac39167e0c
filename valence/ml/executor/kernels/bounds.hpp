// What a sum of products can be, from the weights and the interval of the activations.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "valence/ml/executor/builder.hpp"

namespace valence::ml::executor {

/// Least and greatest value of a sum, and of every part of it if the interval holds 0.
struct Bounds {
    std::int64_t low = 0;
    std::int64_t high = 0;

    void add(std::int64_t weight, const Interval& x) {
        low += std::min(weight * x.low, weight * x.high);
        high += std::max(weight * x.low, weight * x.high);
    }
    /// Whether the sum plus a constant is one that 32 bits can hold.
    bool fits(std::int64_t addend = 0) const {
        return low + addend >= std::numeric_limits<std::int32_t>::min() &&
               high + addend <= std::numeric_limits<std::int32_t>::max();
    }
};

/// A 16-bit weight as 256·high + low, both at most 2^7 in magnitude.
struct Halves {
    std::int16_t high;
    std::int16_t low;
};

inline Halves halves(std::int16_t weight) {
    const auto low = static_cast<std::int8_t>(weight);
    return {static_cast<std::int16_t>((weight - low) / 256), low};
}

/// Whether sums of halves can be finished in 32 bits: (h + a + ((l + b) >> 8)) >> (right − 8) with addend =
/// 256·a + b, 0 ≤ b < 256.
inline bool halves_fit(const Bounds& high, const Bounds& low, std::int64_t addend, int right) {
    const std::int64_t a = addend >> 8;
    const std::int64_t b = addend & 255;
    const Bounds sum{high.low + ((low.low + b) >> 8), high.high + ((low.high + b) >> 8)};
    return right >= 8 && high.fits(a) && low.fits(b) && sum.fits(a);
}

}  // namespace valence::ml::executor
