// What it takes to build the table of a function.
#pragma once

#include "valence/ml/functions/table.hpp"

namespace valence::ml {

/// How long building a table takes at most, about, on the machine of docs/ml-cost.md: for charging whoever
/// makes others build it.
constexpr std::uint32_t build_microseconds(Function function) {
    if (exact_radius(function) == 32768) return 27'000;
    switch (function) {
        case Function::power:
            return 13'000;
        case Function::softplus:
            return 5'000;
        case Function::reciprocal:
        case Function::square_root:
        case Function::reciprocal_square_root:
        case Function::logarithm:
            return 3'500;
        case Function::erf:
        case Function::gelu:
            return 2'800;
        default:
            return 1'700;
    }
}

}  // namespace valence::ml
