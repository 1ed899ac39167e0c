// What is proved about fractions: Σ_{i<n} numerators[i]/denominators[i] = 0 with no denominator zero, by a
// tree of additions p/q = p0/q0 + p1/q1 that is checked layer by layer with sumchecks (Papini and Haböck
// 2023, "Improving logarithmic derivative lookups using GKR").
//
//     Layers    the layer of 2^l nodes has children i and i + 2^l for node i, in the layer of 2^(l+1); the
//     leaves
//               are n fractions and 0/1 for those up to 2^m, m = ceil(log2 n)
//     Root      the first message has its two children: p0·q1 + p1·q0 must be 0 and q0·q1 not
//     Layer     from claims p, q at r ∈ E^l: a challenge λ, and l rounds for
//               p + λ·q = Σ_x eq(r, x)·(p0(x)·q1(x) + p1(x)·q0(x) + λ·q0(x)·q1(x));
//               then p0, p1, q0, q1 at the rounds' point r' are sent and must give the last claim
//     Merge     a challenge τ: claims (1 − τ)·p0 + τ·p1, likewise q, at the point (τ, r')
//
// A round's claim is C = Σ over the remaining variables of eq(rest of r)·F. Since eq's factor for the round's
// own variable is known, the message is the quadratic rest h(X) = a + b·X + c·X², and C = (1 − r_j)·h(0) +
// r_j·h(1) = a + r_j·(b + c) gives a from b and c, which are sent. The next claim is h(challenge).
//
// Soundness, in units of 1/|E|, for 2^m leaves. Say that the claims (p, q) of a layer are false:
//     λ         1   p + λ·q is true for at most one λ
//     a round   2   h is of degree 2 and differs from the true one, as C is false; l rounds in layer l
//     τ         1   if one of p0, p1, q0, q1 is false, the merged pair is true for at most one τ
// The layers l = 1 … m−1 and τ for each of l = 0 … m−1 make, in all,
//     (m − 1)·1 + 2·(1 + 2 + … + (m − 1)) + m = m² + m − 1,
// and the worst single round has 2. What a random denominator costs (the step from multisets to fractions) is
// the lookup argument's and counted there: soundness.hpp, lookup_bits.
#pragma once

#include <bit>
#include <cstddef>
#include <vector>

namespace valence::zk {

/// Claimed values at one point of the leaves' multilinear extensions: numerators padded with 0, denominators
/// with 1, up to 2^m.
template <typename E>
struct FractionalClaim {
    std::vector<E> point;  // m coordinates
    E numerator{};
    E denominator{};
    bool operator==(const FractionalClaim&) const = default;
};

/// No more are verified: beyond, the lookup argument's own error would miss 100 bits.
inline constexpr std::size_t kMaxFractions = std::size_t{1} << 27;

/// ceil(log2 n), n ≥ 1.
constexpr std::size_t fraction_variables(std::size_t leaves) {
    return static_cast<std::size_t>(std::bit_width(leaves - 1));
}

/// The soundness error's numerator over |E| for all rounds together, m² + m − 1 (0 for a single leaf, which
/// is checked as it is).
constexpr std::size_t fractional_sum_error(std::size_t variables) {
    return variables == 0 ? 0 : variables * variables + variables - 1;
}

}  // namespace valence::zk
