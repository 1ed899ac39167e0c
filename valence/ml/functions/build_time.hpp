// What it takes to build the table of a function.
#pragma once

#include "valence/ml/functions/table.hpp"

namespace valence::ml {

/// How long building a table takes at most, about, on the machine of docs/ml-cost.md: for charging whoever
/// makes others build it. At the exponents that take longest.
constexpr std::uint32_t build_microseconds(Function function) {
    if (exact_radius(function) == 32768) return 2'500;
    switch (function) {
        case Function::power:
            return 16'000;
        case Function::erf:
        case Function::gelu:
            return 7'500;
        case Function::softplus:
            return 5'000;
        case Function::reciprocal:
        case Function::square_root:
        case Function::reciprocal_square_root:
        case Function::logarithm:
            return 3'500;
        default:
            return 1'700;
    }
}

/// The same where it has been built before: a node forgets tables, but not all knots.
constexpr std::uint32_t rebuild_microseconds(Function function) {
    constexpr std::uint32_t kFromKnots = 300;
    return keeps_knots(function) ? kFromKnots : build_microseconds(function);
}

}  // namespace valence::ml
