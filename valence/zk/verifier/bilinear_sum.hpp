#pragma once

#include "valence/zk/protocol/proof/channel.hpp"
#include "valence/zk/protocol/sums/bilinear_sum.hpp"

namespace valence::zk {

/// The claims about the tables that are left to check if Σ_t Σ_k A_t(k)·B_t(k) = `sum`, term t having
/// variables[t] variables (≤ 40); protocol/sums/bilinear_sum.hpp.
/// Errors: truncated, not_canonical, sumcheck_mismatch, bad_parameters.
template <typename E>
Result<BilinearClaim<E>> verify_bilinear_sum(std::span<const std::size_t> variables, const E& sum,
                                             VerifierChannel& channel);

}  // namespace valence::zk
