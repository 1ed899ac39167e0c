// A proof's file held against a model: what `valence verify` does.
#pragma once

#include <string>

#include "valence/zk/protocol/files/proof_file.hpp"
#include "valence/zk/protocol/proof_format.hpp"

namespace valence::zk {

/// What a model's proofs are verified with, from the model itself. Errors: CircuitError.
Result<ProvableModel> provable(ml::Graph graph);

/// That the file's proof shows its statement, of this model. Errors: those of verify(); other_model says
/// which.
Result<void> check_proof(const ProvableModel& model, const ProofFile& file);

/// What a proof that was accepted shows, for people.
Result<std::string> describe(const ProvableModel& model, const ProofFile& file);

}  // namespace valence::zk
