#include "valence/compute/balancer/estimate.hpp"

#include <bit>

namespace valence::compute {

std::uint64_t square_root(std::uint64_t x) {
    if (x < 2) return x;
    // Newton's iteration from above falls monotonically to the floor.
    std::uint64_t guess = std::uint64_t{1} << ((std::bit_width(x) + 1) / 2);
    for (;;) {
        const std::uint64_t next = (guess + x / guess) / 2;
        if (next >= guess) return guess;
        guess = next;
    }
}

void Estimate::add(Duration observed, unsigned shift) {
    const std::int64_t x = std::clamp<std::int64_t>(observed.count(), 0, std::int64_t{1} << 30);
    count_ = std::min<std::uint32_t>(count_ + 1, 1U << shift);
    const std::int64_t before = x - (mean_ >> kPlaces);
    mean_ += ((x << kPlaces) - mean_) / static_cast<std::int64_t>(count_);
    const std::int64_t after = x - (mean_ >> kPlaces);
    variance_ += (before * after - variance_) / static_cast<std::int64_t>(count_);
}

Duration Estimate::deviation() const {
    return Duration(static_cast<std::int64_t>(
        square_root(static_cast<std::uint64_t>(std::max<std::int64_t>(variance_, 0)))));
}

void RatioEstimate::add(Ratio observed, unsigned prior, unsigned shift) {
    const std::int64_t x = std::clamp(observed.bits(), Ratio::kLeast, Ratio::kMost);
    count_ = std::min<std::uint32_t>(count_ + 1, 1U << 16);
    const auto weight = static_cast<std::int64_t>(std::min<std::uint32_t>(count_ + prior, 1U << shift));
    const std::int64_t before = x - mean_;
    mean_ += before / weight;
    variance_ += (before * (x - mean_) - variance_) / weight;
}

Ratio RatioEstimate::deviation() const {
    const auto variance = static_cast<std::uint64_t>(std::max<std::int64_t>(variance_, 0));
    return Ratio::from_bits(static_cast<std::int64_t>(square_root(variance)));
}

}  // namespace valence::compute
