// How much security each round of a proof has: the one place where an error probability becomes a number.
// Only proven bounds are used; nothing here rests on a conjecture about codes beyond their unique decoding
// radius.
//
// The argument is round by round (Canetti et al., "Fiat–Shamir: from practice to theory", 2019): for every
// prefix of the messages it is defined whether the statement they leave is already lost, and each function
// below bounds the chance that one challenge turns a lost state into one that is not. A forger of the
// non-interactive proof can retry each round by itself, so the proof's security is that of its worst round;
// the union over all rounds, which bounds the interactive proof's error, is shown beside it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "valence/zk/protocol/soundness/bits.hpp"

namespace valence::zk {

/// What a proof promises, and the extension from which its challenges are drawn.
struct SecurityProfile {
    int target_bits = 100;
    int extension_degree = 2;  // 2 or 3
    bool operator==(const SecurityProfile&) const = default;
};
inline constexpr SecurityProfile kProfile100{100, 2};
inline constexpr SecurityProfile kProfile128{128, 3};

/// The profile that goes with challenges from E.
template <typename E>
inline constexpr SecurityProfile kProfileOf = E::kDegree == 2 ? kProfile100 : kProfile128;

/// log2 of the field from which challenges are drawn, p^degree. p = 2^64 (1 − (2^32 − 1)/2^64), so that
/// log2 p > 64 − 2^−31: a unit less for each coordinate is more than enough.
constexpr Bits field_bits(int extension_degree) {
    return Bits::of(64 * extension_degree) - Bits{extension_degree};
}

/// A random challenge is a root of a fixed non-zero polynomial of total degree ≤ `degree` with probability
/// ≤ degree/|E| (Schwartz 1980, Zippel 1979).
constexpr Bits root_bits(std::uint64_t degree, int extension_degree) {
    return field_bits(extension_degree) - log2_above(degree);
}

/// One round of a sumcheck whose message is a polynomial of degree ≤ d: two different ones agree at a random
/// point with probability ≤ d/|E| (Lund, Fortnow, Karloff, Nisan 1992).
constexpr Bits sumcheck_round_bits(std::uint64_t degree, int extension_degree) {
    return root_bits(degree, extension_degree);
}

/// Joining 1 + n claims with the powers 1, β, …, β^n of one challenge: a false one survives with probability
/// ≤ n/|E|.
constexpr Bits batching_bits(std::uint64_t powers, int extension_degree) {
    return root_bits(powers == 0 ? 1 : powers, extension_degree);
}

/// A sum of `leaves` fractions n_i/(α − Σ_j γ^(j) t_ij) over independent challenges α, γ that vanishes though
/// the multisets differ: the cleared numerator is a non-zero polynomial of total degree < leaves (Haböck
/// 2022, "Multivariate lookups based on logarithmic derivatives"; non-zero because multiplicities stay below
/// p). A zero denominator is among the roots counted.
constexpr Bits lookup_bits(std::uint64_t leaves, int extension_degree) {
    return root_bits(leaves, extension_degree);
}

/// One challenge r that folds pairs of rows u, w of interleaved Reed–Solomon words to (1 − r)·u + r·w, which
/// a sumcheck round of degree 2 shares. `lengths` is the sum of the lengths n of all codes folded by r.
///
/// Within the unique decoding radius, δ ≤ (1 − ρ)/2, more than n challenges for which the fold is δ-close to
/// the code mean that the rows are δ-close to it *on one common set of positions* (Ben-Sasson, Carmon,
/// Ishai, Kopparty, Saraf 2020, "Proximity gaps for Reed–Solomon codes", theorem 4.1, on the line
/// u + r·(w − u)), and the same holds with the same bound for the interleaved code (Diamond, Gruen 2024,
/// "Proximity gaps in interleaved codes"), so that folding k variables costs n/|E| in each of the k rounds.
/// Hence: rows that are far stay far except for n of |E| challenges, of each code; rows that are close decode
/// uniquely, and their false claim stays false except for 2 of |E|.
constexpr Bits fold_round_bits(std::uint64_t lengths, int extension_degree) {
    return root_bits(lengths + 2, extension_degree);
}

/// One uniform position checked against a code of rate ρ = 2^−s: −log2((1 + ρ)/2) = s + 1 − log2(2^s + 1).
///
/// If the folded word is not δ-close to the code, it differs from any codeword in more than (1 − ρ)/2 of the
/// positions (δn is the largest integer ≤ (n − ρn)/2). If it is, but the next message encodes another
/// codeword, these two agree in fewer than ρn positions, and the word agrees with the wrong one in fewer than
/// ρn + (n − ρn)/2. Either way a position shows no difference with probability ≤ (1 + ρ)/2.
constexpr Bits query_bits(int log_inverse_rate) {
    return Bits::of(log_inverse_rate + 1) - log2_above((std::uint64_t{1} << log_inverse_rate) + 1);
}

/// Positions to query so that they and the work of grinding reach the target: the least t with
/// t·query_bits + grinding ≥ target.
constexpr int queries_for(Bits target, int log_inverse_rate, int grinding_bits) {
    const std::int64_t wanted = (target - Bits::of(grinding_bits)).units;
    const std::int64_t each = query_bits(log_inverse_rate).units;
    return wanted <= 0 ? 0 : static_cast<int>((wanted + each - 1) / each);
}

/// The terms of one proof.
class SoundnessAccount {
public:
    struct Term {
        std::string round;  // what happens in it
        Bits bits;
        int times = 1;  // rounds of this kind
    };

    void add(std::string round, Bits bits, int times = 1);
    void add(const SoundnessAccount& other);

    const std::vector<Term>& terms() const { return terms_; }
    /// Of the worst round: what the target is held against. An empty account has no error.
    Bits worst() const;
    /// −log2 of the sum of all errors. For people: floating point.
    double union_total() const;
    /// A line for each term, the worst round and the union.
    std::string explain() const;

private:
    std::vector<Term> terms_;
};

}  // namespace valence::zk
