// The graph's requantisation (graph/operation.hpp) in a form that compilers turn into vector instructions.
#pragma once

#include <algorithm>
#include <cstdint>

#include "valence/ml/graph/operation.hpp"

namespace valence::ml::executor {

/// ⌊t / 2^shift⌋ for |t| < 2^62; vector units have a logical shift of 64 bits only.
[[gnu::always_inline]] inline std::int64_t shift_down(std::int64_t t, unsigned shift) {
    constexpr std::uint64_t kOffset = std::uint64_t{1} << 62;
    return static_cast<std::int64_t>(((static_cast<std::uint64_t>(t) + kOffset) >> shift) -
                                     (kOffset >> shift));
}

class Requantiser {
public:
    explicit Requantiser(const Requantisation& out)
        : rounding_(out.shift == 0 ? 0 : std::int64_t{1} << (out.shift - 1)),
          shift_(out.shift),
          low_(out.low),
          high_(out.high) {}

    /// A validated graph's t + 2^(shift−1) is at most 2^(30 + shift), so what is clamped fits 32 bits.
    [[gnu::always_inline]] std::int16_t operator()(std::int64_t t) const {
        const auto y = static_cast<std::int32_t>(shift_down(t + rounding_, shift_));
        return static_cast<std::int16_t>(std::min(std::max(y, low_), high_));
    }

private:
    std::int64_t rounding_;
    unsigned shift_;
    std::int32_t low_;
    std::int32_t high_;
};

}  // namespace valence::ml::executor
