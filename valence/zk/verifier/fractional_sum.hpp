#pragma once

#include "valence/zk/protocol/proof/channel.hpp"
#include "valence/zk/protocol/sums/fractional_sum.hpp"

namespace valence::zk {

/// The claim about the leaves that is left to check if the fractions of `leaves` leaves (1 … kMaxFractions)
/// sum to zero; protocol/sums/fractional_sum.hpp. Work and memory: O(m²) and O(m) for m = log2 leaves.
/// Errors: truncated, not_canonical; lookup_mismatch if the sum is not 0 or a denominator is;
/// sumcheck_mismatch.
template <typename E>
Result<FractionalClaim<E>> verify_fractional_sum(std::size_t leaves, VerifierChannel& channel);

}  // namespace valence::zk
