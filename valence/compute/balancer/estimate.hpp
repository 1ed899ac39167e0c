// Running estimates of what is measured on the fly: a mean and a variance, first exact, then forgetting.
#pragma once

#include <cstdint>

#include "valence/compute/balancer/ratio.hpp"

namespace valence::compute {

/// Mean and variance of durations: of the first 2^k observations the arithmetic ones, after that an
/// exponentially weighted mean with gain 2^-k (Welford's recurrence with a bounded count).
class Estimate {
public:
    /// Observations are clamped to 0 … 2^30 µs (18 minutes).
    void add(Duration observed, unsigned shift = 4);
    std::uint32_t count() const { return count_; }
    Duration mean() const { return Duration(mean_ >> kPlaces); }
    /// Square root of the variance.
    Duration deviation() const;

private:
    static constexpr int kPlaces = 8;
    std::int64_t mean_ = 0;      // µs · 2^8
    std::int64_t variance_ = 0;  // µs²
    std::uint32_t count_ = 0;
};

/// The same for ratios, starting from 1 (or a given first guess) with the weight of `prior` observations.
class RatioEstimate {
public:
    RatioEstimate() = default;
    explicit RatioEstimate(Ratio guess) : mean_(guess.bits()) {}

    /// The gain never falls below 2^-shift.
    void add(Ratio observed, unsigned prior, unsigned shift);
    std::uint32_t count() const { return count_; }
    Ratio mean() const { return Ratio::from_bits(mean_); }
    /// Square root of the variance, as a ratio.
    Ratio deviation() const;

private:
    std::int64_t mean_ = Ratio::kOne;
    std::int64_t variance_ = 0;  // (2^-16)²
    std::uint32_t count_ = 0;
};

/// ⌊√x⌋.
std::uint64_t square_root(std::uint64_t x);

}  // namespace valence::compute
