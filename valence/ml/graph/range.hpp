// Intervals of integers, for proving that no sum of a graph leaves its range.
#pragma once

#include <algorithm>
#include <cstdint>

#include "valence/base/result.hpp"
#include "valence/ml/graph/graph.hpp"

namespace valence::ml {

/// Signed 128-bit integers, as g++ and clang have them.
__extension__ using Int128 = __int128;

/// All integers from low to high, in 128 bits so that bounds cannot overflow while they are computed.
struct Range {
    Int128 low = 0;
    Int128 high = 0;

    /// Of every tensor of a type.
    static constexpr Range of(ElementType type) {
        return type == ElementType::index ? Range{INT32_MIN, INT32_MAX} : Range{INT16_MIN, INT16_MAX};
    }
    /// Widened to hold 0. With it a bound of a sum holds for its partial sums too, and for missing terms.
    constexpr Range with_zero() const { return {std::min<Int128>(low, 0), std::max<Int128>(high, 0)}; }
    constexpr Range united(const Range& other) const {
        return {std::min(low, other.low), std::max(high, other.high)};
    }
    bool operator==(const Range&) const = default;
};

constexpr Range operator+(const Range& a, const Range& b) { return {a.low + b.low, a.high + b.high}; }

constexpr Range operator*(const Range& a, const Range& b) {
    const Int128 products[]{a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
    return {*std::min_element(products, products + 4), *std::max_element(products, products + 4)};
}

constexpr Range operator*(const Range& a, Int128 factor) { return a * Range{factor, factor}; }

/// That the shift and the clamp's bounds are in range and order.
Result<void> check_requantisation(const Requantisation& to);

/// The range of requantise(t) for t in `sum`, or ModelError::overflow when T = t + 2^(shift−1) could have a
/// magnitude above 2^(30 + shift), or T >> shift lie 2^30 or more outside [low, high].
Result<Range> requantised(const Range& sum, const Requantisation& to);

}  // namespace valence::ml
