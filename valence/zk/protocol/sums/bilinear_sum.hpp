// What is proved about products: Σ_t Σ_{k < 2^m_t} A_t(k)·B_t(k) = S, for any number of pairs of tables of
// any sizes, in one sumcheck of M = max m_t rounds.
//
// A term of fewer variables lies at index 0 of the top M − m_t bits. While those are bound, its polynomial in
// the round's variable is c·(1 − X)², c its sum so far, and c·(1 − challenge)² follows. A round's message is
// g(0) and the coefficient of X² of g, of degree 2; g(1) = claim − g(0) gives the rest. After the last round
// A_t(r) and B_t(r) are sent in order, r the last m_t challenges, and Σ_t Π_{j < M−m_t} (1 −
// r_j)²·A_t(r)·B_t(r) must be the last claim.
//
// Soundness, in units of 1/|E|: 2 for each of the M rounds, 2·M in all. (Claims joined into S beforehand are
// the business of whoever joined them: soundness.hpp, batching_bits.)
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace valence::zk {

template <typename E>
struct BilinearClaim {
    /// The challenges; term t is claimed at the last m_t of them.
    std::vector<E> point;
    struct Values {
        E left{};
        E right{};
        bool operator==(const Values&) const = default;
    };
    /// A_t and B_t there.
    std::vector<Values> values;
    bool operator==(const BilinearClaim&) const = default;
};

/// M, of the numbers of variables m_t; 0 for no terms.
inline std::size_t bilinear_rounds(std::span<const std::size_t> variables) {
    return variables.empty() ? 0 : *std::ranges::max_element(variables);
}

/// The weight of a term's product in the last claim: Π (1 − r_j)² over the challenges before its own.
template <typename E>
E bilinear_weight(std::span<const E> point, std::size_t variables) {
    E weight(std::uint64_t{1});
    for (std::size_t j = 0; j + variables < point.size(); ++j)
        weight *= E(std::uint64_t{1}) - point[j];
    return weight * weight;
}

/// The soundness error's numerator over |E| for all rounds together.
constexpr std::size_t bilinear_sum_error(std::size_t rounds) { return 2 * rounds; }

}  // namespace valence::zk
