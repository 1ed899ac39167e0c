// The argument between the commitment and its opening, as far as prover and verifier do the same: which
// claims the lookups' sum of fractions leaves, what all claims come down to, and which functionals are opened
// in the end. docs/proof-system.md has the whole protocol in order.
#pragma once

#include "valence/zk/protocol/argument/statement.hpp"
#include "valence/zk/protocol/circuit/claims.hpp"
#include "valence/zk/protocol/circuit/terms.hpp"
#include "valence/zk/protocol/sums/fractional_sum.hpp"

namespace valence::zk {

/// Denominators are α − Σ_j γ_j·tuple_j, the tuple being (table's number, selector, entries…).
template <typename E>
struct Fingerprint {
    E alpha;
    std::vector<E> gammas;

    template <typename Entry>
    E denominator(std::uint32_t table, Goldilocks selector, std::span<const Entry> entries) const {
        E value = alpha - gammas[0] * Goldilocks(table) - gammas[1] * selector;
        for (std::size_t j = 0; j < entries.size(); ++j)
            value -= gammas[2 + j] * entries[j];
        return value;
    }
    /// Of the leaves that only fill up a lookup's blocks: they look up row (0, 0) of table 0, the range
    /// table.
    E filling() const {
        const Goldilocks zero;
        return denominator<Goldilocks>(0, zero, std::span(&zero, 1));
    }
};
/// Challenges for the circuit's widest tuple.
template <typename E>
Fingerprint<E> draw_fingerprint(const Circuit& circuit, Transcript& transcript);

/// Σ_{i < count} eq(point, i).
template <typename E>
E eq_prefix(std::span<const E> point, std::uint64_t count);

/// How many of those leaves only fill up blocks.
std::uint64_t filling_leaves(const Circuit& circuit);

/// Claims whose sum should be `value`.
template <typename E>
struct Claims {
    std::vector<Claim<E>> claims;
    E value;
};
/// Denominators, multiplicities, zeros and outputs as one: each further one enters with the next power of
/// `batching`. `output_point` has output_variables() coordinates.
template <typename E>
Claims<E> claims_of(const Circuit& circuit, const Fingerprint<E>& fingerprint,
                    const FractionalClaim<E>& leaves, std::span<const ml::Values> outputs,
                    std::span<const E> output_point, const E& batching);
std::size_t output_variables(const Circuit& circuit);
/// How many powers claims_of() takes.
std::size_t batched_claims(const Circuit& circuit);

/// Σ weights·elements of a functional on an input.
template <typename E>
E value_on(const Functional<E>& functional, const ml::Values& tensor);
/// The part of a grounded sum that the verifier knows: constants and inputs.
template <typename E>
E known_part(const Grounded<E>& grounded, std::span<const ml::Values> inputs);

/// The functionals on what is committed whose values together are to be `value`.
template <typename E>
struct OpeningClaim {
    std::vector<std::pair<ColumnId, Functional<E>>> columns;
    std::vector<std::pair<ml::WeightId, Functional<E>>> weights;
    E value;
};
/// Joins what is left of the first claims, worth `linear_value`, with the terms' sides at the sumcheck's
/// point, in powers of `batching`.
template <typename E>
OpeningClaim<E> opening_claim(const Circuit& circuit, Grounded<E> grounded, const E& linear_value,
                              std::span<const E> point, std::span<const std::pair<E, E>> side_values,
                              std::span<const ml::Values> inputs, const E& batching);

/// Σ of the functionals on columns at a point of the witness's table.
template <typename E>
E evaluate_columns(const Circuit& circuit, const OpeningClaim<E>& claim, std::span<const E> point);
/// Of those on weights, at a point of the table in which these lie.
template <typename E>
E evaluate_weights(const Circuit& circuit, const OpeningClaim<E>& claim, WeightTable table,
                   std::span<const E> point);

}  // namespace valence::zk
