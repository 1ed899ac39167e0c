// The steps of an opening that prover and verifier take alike. parameters.hpp says how they follow each
// other; in detail, W being the functional that the running claim is about:
//
//     statement   profile, shapes, roots and the claim Σ_i ⟨f_i, q_i⟩ = v are absorbed
//     rows        first_rounds rounds; table i with fewer row variables joins in the last of them, and before
//                 only counts with the factor (1 − challenge) of each round
//     per level   root of the vector at hand (or, in the end, all of it in clear); work; for each oracle
//                 before it the queried positions, drawn, and its leaves there; β; with powers of β, the
//                 claims ⟨vector, (1, x, x², …)⟩ = leaf folded by the rows' challenges join the running one,
//                 x being the position's point; rounds over the rows of the vector (in the end over all its
//                 variables)
//     end         the clear vector at the point of its rounds, times W there, is the last claim
//
// W at a point is the sum of the q_i, each evaluated by its own rule, and of the query claims' functionals,
// which are products over the variables.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "valence/zk/protocol/commitment/parameters.hpp"
#include "valence/zk/protocol/transcript/transcript.hpp"

namespace valence::zk {

namespace opening_label {
inline constexpr std::string_view kTables = "opening: tables";
inline constexpr std::string_view kRoot = "opening: root";
inline constexpr std::string_view kClaim = "opening: claim";
inline constexpr std::string_view kRound = "opening: round";
inline constexpr std::string_view kChallenge = "opening: challenge";
inline constexpr std::string_view kVector = "opening: vector";
inline constexpr std::string_view kWork = "opening: work";
inline constexpr std::string_view kPositions = "opening: positions";
inline constexpr std::string_view kJoin = "opening: join";
}  // namespace opening_label

template <typename E>
void absorb_opening_statement(Transcript& transcript, const OpeningParameters& parameters,
                              std::span<const Hash> roots, const E& claim) {
    transcript.absorb_number(opening_label::kTables,
                             static_cast<std::uint64_t>(parameters.profile.target_bits));
    for (std::size_t i = 0; i < parameters.tables.size(); ++i) {
        const TableShape& shape = parameters.tables[i].shape;
        transcript.absorb_number(opening_label::kTables, static_cast<std::uint64_t>(shape.variables));
        transcript.absorb_number(opening_label::kTables, static_cast<std::uint64_t>(shape.log_rows));
        transcript.absorb_number(opening_label::kTables, shape.oracle().rows);
        transcript.absorb_number(opening_label::kTables, static_cast<std::uint64_t>(shape.log_inverse_rate));
        transcript.absorb(opening_label::kRoot, roots[i]);
    }
    transcript.absorb(opening_label::kClaim, claim);
}

/// A round's polynomial g of degree 2, as sent: with g(0) + g(1) equal to the claim it is g.
template <typename E>
struct RoundMessage {
    E at_zero{};
    E square{};  // the coefficient of X²

    /// g(challenge).
    E next_claim(const E& claim, const E& challenge) const {
        const E linear = claim - at_zero - at_zero - square;
        return at_zero + challenge * (linear + challenge * square);
    }
};

/// eq(point, i) for all i; point[0] belongs to the most significant bit.
template <typename E>
std::vector<E> eq_weights(std::span<const E> point) {
    std::vector<E> weights{E(std::uint64_t{1})};
    weights.reserve(std::size_t{1} << point.size());
    for (const E& r : point) {
        weights.resize(2 * weights.size());
        for (std::size_t i = weights.size() / 2; i-- > 0;) {
            const E high = weights[i] * r;
            weights[2 * i] = weights[i] - high;
            weights[2 * i + 1] = high;
        }
    }
    return weights;
}

/// eq(point, index).
template <typename E>
E eq_weight(std::span<const E> point, std::uint64_t index) {
    E weight(std::uint64_t{1});
    for (std::size_t j = 0; j < point.size(); ++j) {
        const bool bit = (index >> (point.size() - 1 - j)) & 1;
        weight *= bit ? point[j] : E(std::uint64_t{1}) - point[j];
    }
    return weight;
}

/// The multilinear extension of (1, x, x², …, x^(2^n − 1)) at a point of n coordinates.
template <typename E>
E evaluate_powers(Goldilocks x, std::span<const E> point) {
    const E one(std::uint64_t{1});
    E value = one;
    for (std::size_t j = point.size(); j-- > 0; x *= x)
        value *= one + point[j] * (x - Goldilocks(1));
    return value;
}

/// What table i's functional counts: the factors of the rounds before it joined.
template <typename E>
E late_factor(const OpeningParameters& parameters, std::size_t table, std::span<const E> row_challenges) {
    E factor(std::uint64_t{1});
    const int late = parameters.first_rounds - parameters.tables[table].shape.log_rows;
    for (int j = 0; j < late; ++j)
        factor *= E(std::uint64_t{1}) - row_challenges[static_cast<std::size_t>(j)];
    return factor;
}

}  // namespace valence::zk
