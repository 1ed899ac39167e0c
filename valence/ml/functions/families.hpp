// The functions of tables, by the way they are computed. Every value is a fixed::Real, off by less than
// 2^−100 or (where the table saturates) merely large.
#pragma once

#include <optional>
#include <vector>

#include "valence/ml/functions/fixed_point.hpp"
#include "valence/ml/graph/operation.hpp"

namespace valence::ml::families {

/// A knot's argument and its mirror image: f(v) and f(−v).
struct Pair {
    fixed::Real positive;
    fixed::Real negative;
};

/// v = x·2^−in.
inline fixed::Real argument(const Table& table, std::int32_t x) { return fixed::scaled(x, -table.in); }
/// A parameter of a table, which is in units of 2^−20.
inline fixed::Real parameter(std::int32_t value) { return fixed::scaled(value, -20); }

/// f at one point: polynomials, quotients, roots, and steps, which in_words() is held against; empty for
/// functions of other families.
std::optional<fixed::Real> algebraic(const Table& table, std::int32_t x);

/// The entry of a function with steps or kinks, saturated; empty for other functions.
std::optional<std::int16_t> in_words(const Table& table, std::int32_t x);

/// ln v and v^a at one point, where |x| ≤ 4096 or 64 divides x; empty for other functions.
std::optional<fixed::Real> logarithmic(const Table& table, std::int32_t x);

/// f at ±64·i·2^−in, i = 0 … 512, by recurrences over that grid.
std::vector<Pair> exponentials(const Table& table);  // exponential … mish
std::vector<Pair> gaussians(const Table& table);     // erf, gelu, gelu_tanh
std::vector<Pair> circles(const Table& table);       // sine, cosine

}  // namespace valence::ml::families
