// Checks an opening of committed tables; protocol/commitment says what an opening is.
#pragma once

#include <functional>
#include <span>

#include "valence/zk/protocol/commitment/parameters.hpp"
#include "valence/zk/protocol/proof/channel.hpp"

namespace valence::zk {

/// The multilinear extension of a public functional on a table, at a point of the table's variables.
template <typename E>
using FunctionalAtPoint = std::function<E(std::span<const E> point)>;

/// Accepts that Σ_i ⟨f_i, q_i⟩ = claim for the tables under `roots`, with an error that `parameters` account
/// for. Each functional is evaluated once. Absorbs roots and claim itself; the functionals must be fixed by
/// what the transcript has absorbed before. Time and memory are bounded by the parameters alone.
/// Errors: truncated, not_canonical, wrong_grinding, merkle_mismatch, opening_mismatch.
template <typename E>
Result<void> verify_opening(const OpeningParameters& parameters, std::span<const Hash> roots,
                            std::span<const FunctionalAtPoint<E>> functionals, const E& claim,
                            VerifierChannel& channel);

}  // namespace valence::zk
