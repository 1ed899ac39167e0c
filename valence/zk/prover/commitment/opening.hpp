// Proves Σ_i ⟨f_i, q_i⟩ = claim for committed tables f_i and public functionals q_i; protocol/commitment says
// how.
//
//     const CommittedTable weights(weight_shape(22), int8_values);            // long before
//     const CommittedTable witness(witness_shape(14), field_values);          // its root is sent and
//     absorbed …                                                                       // challenges, claims
//     const auto parameters = opening_parameters(kProfile100, shapes);
//     prove_opening<Extension2>(parameters.value(), inputs, claim, channel);
#pragma once

#include <span>
#include <vector>

#include "valence/zk/protocol/proof/channel.hpp"
#include "valence/zk/prover/commitment/committed_table.hpp"
#include "valence/zk/prover/polynomial/table.hpp"

namespace valence::zk {

/// A functional that gives the same vector over some columns to all rows, and again every `stride` columns,
/// each time with a factor of its own:
///     q[row, first_column + p·stride + j] = factors[row·repeats + p]·columns[j]
/// What a layer's claim on its weights is: `columns` over the axis that lies innermost, the factors over the
/// others. It costs a pass over these columns of all rows as they are stored, or none if the sums are known.
template <typename E>
struct RowProduct {
    std::size_t first_column = 0;
    std::vector<E> columns;
    std::size_t repeats = 1;
    std::size_t stride = 0;
    std::vector<E> factors;  // 2^log_rows × repeats
    /// Σ_j f[row, first_column + p·stride + j]·columns[j] in the order of `factors`, or empty: they are
    /// computed then.
    std::vector<E> sums;
};

/// The sum of its parts.
template <typename E>
struct TableFunctional {
    /// All of q, row-major, or empty. Takes a pass over extension elements as long as the table.
    UnclearedVector<E> dense;
    std::vector<RowProduct<E>> products;
};

template <typename E>
struct OpeningInput {
    const CommittedTable* table = nullptr;
    TableFunctional<E> functional;
};

/// ⟨f, q⟩.
template <typename E>
E apply(const CommittedTable& table, const TableFunctional<E>& functional);

/// `parameters` are for the inputs' shapes in their order. Absorbs the statement itself: roots and claim. If
/// the claim is false, the proof is one that is refused.
template <typename E>
void prove_opening(const OpeningParameters& parameters, std::span<const OpeningInput<E>> inputs,
                   const E& claim, ProverChannel& channel);

}  // namespace valence::zk
