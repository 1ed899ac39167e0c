// The prover's side of the argument, from the challenges after the witness's commitment to the claim its
// opening settles.
#pragma once

#include "valence/zk/protocol/argument/argument.hpp"
#include "valence/zk/protocol/proof/channel.hpp"
#include "valence/zk/prover/stage_times.hpp"
#include "valence/zk/prover/witness/assignment.hpp"

namespace valence::zk {

/// `assignment` is complete. Sends everything between commitment and opening.
template <typename E>
OpeningClaim<E> prove_argument(const Circuit& circuit, Assignment& assignment,
                               std::span<const ml::Values> inputs, std::span<const ml::Values> outputs,
                               ProverChannel& channel, StageTimes& times);

}  // namespace valence::zk
