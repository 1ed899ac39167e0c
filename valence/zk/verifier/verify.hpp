// verify: whether a proof shows that a model gives these outputs for these inputs. The one function full
// nodes, the command line and browsers ask.
#pragma once

#include "valence/zk/protocol/argument/statement.hpp"
#include "valence/zk/protocol/circuit/work_meter.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"
#include "valence/zk/protocol/proof_format.hpp"

namespace valence::zk {

/// Accepts the proof or says which check refused it. A pure function, on one thread. `model` is what a
/// verifying key says; inputs and outputs are checked against its ports. Errors: ProofError, CircuitError.
/// Time and memory are bounded: of functionals no more than `most_touched` numbers are touched
/// (work_meter.hpp; ProofCost says how many a model's proofs need), all else by the model's key and the
/// proof's length. For the models of bench/zk a few milliseconds.
Result<void> verify(const ProvableModel& model, const Statement& statement, BytesView proof,
                    std::uint64_t most_touched = kMostCheckingWork);

}  // namespace valence::zk
