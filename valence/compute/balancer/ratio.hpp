// Ratio: a non-negative factor in fixed point, 16 binary places. Scores are made of integers only, so that a
// choice comes out the same wherever it is replayed.
#pragma once

#include <algorithm>
#include <cstdint>

#include "valence/compute/balancer/timeline.hpp"

namespace valence::compute {

class Ratio {
public:
    static constexpr std::int64_t kOne = 1 << 16;
    /// The range that measured ratios are held to: 1/256 to 256.
    static constexpr std::int64_t kLeast = kOne / 256;
    static constexpr std::int64_t kMost = kOne * 256;

    constexpr Ratio() = default;
    static constexpr Ratio from_bits(std::int64_t bits) { return Ratio(bits); }
    static constexpr Ratio percent(std::int64_t n) { return Ratio(n * kOne / 100); }
    /// a / b, clamped to the range of measured ratios; 1 where b is not positive.
    static constexpr Ratio of(std::int64_t a, std::int64_t b) {
        if (b <= 0) return Ratio(kOne);
        const std::int64_t limited = std::clamp<std::int64_t>(a, 0, std::int64_t{1} << 46);
        return Ratio(std::clamp(limited * kOne / b, kLeast, kMost));
    }
    static constexpr Ratio of(Duration a, Duration b) { return of(a.count(), b.count()); }

    constexpr std::int64_t bits() const { return bits_; }
    constexpr auto operator<=>(const Ratio&) const = default;

    /// x · ratio, rounded down. x below 2^38 µs (three days) keeps it exact.
    constexpr Duration times(Duration x) const { return Duration(x.count() * bits_ / kOne); }
    constexpr Ratio times(Ratio x) const { return Ratio(x.bits_ * bits_ / kOne); }
    /// 1 / ratio.
    constexpr Ratio inverse() const { return of(kOne, bits_); }

private:
    constexpr explicit Ratio(std::int64_t bits) : bits_(bits) {}
    std::int64_t bits_ = kOne;
};

}  // namespace valence::compute
