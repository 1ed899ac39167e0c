// The verifier's side of the argument: from the challenges after the witness's commitment to the claim its
// opening settles.
#pragma once

#include "valence/zk/protocol/argument/argument.hpp"
#include "valence/zk/protocol/proof/channel.hpp"

namespace valence::zk {

/// Inputs and outputs are of the circuit's shapes. Errors: truncated, not_canonical, lookup_mismatch,
/// sumcheck_mismatch.
template <typename E>
Result<OpeningClaim<E>> verify_argument(const Circuit& circuit, std::span<const ml::Values> inputs,
                                        std::span<const ml::Values> outputs, VerifierChannel& channel);

}  // namespace valence::zk
