// The tables of functions of one activation. A table is defined by integers alone, so that every machine
// builds the same 65,536 entries; no floating point is involved.
//
// Entry x of a table is round(f(x·2^−in)·2^out), half up, saturated to 16 bits,
//   * at the knots x = −2^15 + 64·j, j = 0 … 1024 (the last knot only ends the last segment), and
//   * at every x with −exact_radius ≤ x < exact_radius;
// every other entry lies on the line between its two knots k_j and k_{j+1}:
//     y = k_j + (((k_{j+1} − k_j)·r + 32) >> 6),  r = x's low 6 bits.
// A value within 2^−64 below a tie counts as the tie and is rounded up, which makes the rounding of
// transcendental values decidable (functions/fixed_point.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "valence/base/bytes.hpp"
#include "valence/ml/graph/operation.hpp"

namespace valence::ml {

inline constexpr std::size_t kKnots = 1025;
inline constexpr std::int32_t kKnotSpacing = 64;

/// The table of every Softmax.
inline constexpr Table kSoftmaxTable{.function = Function::exponential, .in = 11, .out = 14};

/// Entries x in [−radius, radius) are rounded by themselves rather than interpolated: all of them (2^15) for
/// functions with steps or kinks between knots, 4096 for those with a pole or an infinite slope at 0, else 0.
constexpr std::int32_t exact_radius(Function function) {
    switch (function) {
        case Function::sign:
        case Function::floor:
        case Function::ceiling:
        case Function::round:
        case Function::hard_sigmoid:
        case Function::hard_swish:
            return 32768;
        case Function::reciprocal:
        case Function::power:
        case Function::square_root:
        case Function::reciprocal_square_root:
        case Function::logarithm:
            return 4096;
        default:
            return 0;
    }
}

/// How many parameters a function takes, 0 … 2; those it does not take are 0.
constexpr int parameters(Function function) {
    switch (function) {
        case Function::leaky_relu:
        case Function::power:
        case Function::elu:
        case Function::silu:
            return 1;
        case Function::hard_sigmoid:
        case Function::selu:
            return 2;
        default:
            return 0;
    }
}

/// Whether the knots of all a function's tables are kept once they are computed: of functions without
/// parameters that are lines between knots. That is 14 functions, 4,225 pairs of exponents and 2 KiB each, at
/// most 121 MiB, and so much only where someone has registered them all.
constexpr bool keeps_knots(Function function) {
    return parameters(function) == 0 && exact_radius(function) == 0;
}

/// The entries of one table in the order of the activation read as an unsigned 16-bit number: 0 … 32767,
/// then −32768 … −1.
struct alignas(64) TableEntries {
    std::array<std::int16_t, 65536> data;
    std::int16_t at(std::int16_t x) const { return data[static_cast<std::uint16_t>(x)]; }
};

/// Whether exponents and parameters are in range and unused parameters 0: what tabulate() needs.
bool is_valid(const Table& table);

/// The table, from a cache that all threads share and that keeps at most 256 tables (32 MiB) beyond those in
/// use. Ends the program on a table that is not valid.
std::shared_ptr<const TableEntries> tabulate(const Table& table);

/// The knots of a table, j = 0 … 1024: remembered where keeps_knots(), of the last 256 others otherwise.
std::array<std::int16_t, kKnots> knots(const Table& table);

/// keccak256 of the description (function, in, out, a, b) and the entries in the order x = −32768 … 32767,
/// two bytes each, little endian. What a verifying key pins. The last 4096 are remembered.
Hash digest(const Table& table);

}  // namespace valence::ml
