// The butterflies on one lane: the definition, and what the vector kernels do with the last few lanes.
#pragma once

#include "valence/zk/prover/kernels/row_transform_steps.hpp"

namespace valence::zk::portable {

inline constexpr Goldilocks kFourthRoot{std::uint64_t{1} << 48};

inline void four(Goldilocks* first, std::size_t apart, const Twiddles& w) {
    Goldilocks &a = first[0], &b = first[apart], &c = first[2 * apart], &d = first[3 * apart];
    const Goldilocks even = a + c, odd = b + d;
    const Goldilocks left = a - c, right = (b - d) * kFourthRoot;
    a = even + odd;
    b = (even - odd) * w[1];
    c = (left + right) * w[0];
    d = (left - right) * w[2];
}

inline void four_transposed(Goldilocks* first, std::size_t apart, const Twiddles& w) {
    Goldilocks &a = first[0], &b = first[apart], &c = first[2 * apart], &d = first[3 * apart];
    const Goldilocks x = b * w[1], y = c * w[0], z = d * w[2];
    const Goldilocks even = a + x, odd = y + z;
    const Goldilocks left = a - x, right = (y - z) * kFourthRoot;
    a = even + odd;
    b = left + right;
    c = even - odd;
    d = left - right;
}

inline void two(Goldilocks& a, Goldilocks& b) {
    const Goldilocks difference = a - b;
    a += b;
    b = difference;
}

}  // namespace valence::zk::portable
