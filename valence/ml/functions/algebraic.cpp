// Functions computed from one argument by a few exact steps.
#include "valence/ml/functions/families.hpp"

namespace valence::ml::families {
namespace {

using namespace fixed;

/// ⌊v⌋ for bits of fraction dropped.
Real floor_of(const Real& v) { return (v >> kFraction) << kFraction; }

Real clamp_to(const Real& v, const Real& low, const Real& high) {
    return v < low ? low : v > high ? high : v;
}

/// The nearest integer, half to even.
Real round_even(const Real& v) {
    const Real below = v >> kFraction;
    const Real twice = 2 * (v - (below << kFraction));
    const bool up = twice > one() || (twice == one() && is_odd(below));
    return Real{below + (up ? 1 : 0)} << kFraction;
}

/// √(x·2^−in) for x ≥ 0: the root of 2^(2·256)·v, exactly rounded down.
Real root(const Table& table, std::int32_t x) {
    const Real square = Real{x} << static_cast<unsigned>(2 * static_cast<int>(kFraction) - table.in);
    return sqrt(square);
}

/// 1/√(x·2^−in) for x > 0.
Real inverse_root(const Table& table, std::int32_t x) {
    const Real square = (Real{1} << static_cast<unsigned>(2 * static_cast<int>(kFraction) + table.in)) / x;
    return sqrt(square);
}

}  // namespace

std::optional<Real> algebraic(const Table& table, std::int32_t x) {
    Real v = argument(table, x);
    switch (table.function) {
        case Function::identity:
            return v;
        case Function::absolute:
            return abs(v);
        case Function::sign:
            return scaled(x > 0 ? 1 : x < 0 ? -1 : 0, 0);
        case Function::floor:
            return floor_of(v);
        case Function::ceiling:
            return Real{-floor_of(-v)};
        case Function::round:
            return round_even(v);
        case Function::leaky_relu:
            return x >= 0 ? v : multiply(parameter(table.a), v);
        case Function::hard_sigmoid:
            return clamp_to(multiply(parameter(table.a), v) + parameter(table.b), 0, one());
        case Function::hard_swish:
            return Real{multiply(v, clamp_to(v + 3 * one(), 0, 6 * one())) / 6};
        case Function::reciprocal:
            return x == 0 ? huge() : divide(one(), v);
        case Function::square:
            return multiply(v, v);
        case Function::square_root:
            return x <= 0 ? Real{0} : root(table, x);
        case Function::reciprocal_square_root:
            return x <= 0 ? huge() : inverse_root(table, x);
        case Function::softsign:
            return divide(v, one() + abs(v));
        default:
            return std::nullopt;
    }
}

}  // namespace valence::ml::families
