// The precompile at 0x…F4: contracts call models with it.
#pragma once

#include <functional>

#include "valence/chain/inference/described_model.hpp"
#include "valence/chain/inference/inference_rules.hpp"
#include "valence/chain/inference/record.hpp"
#include "valence/evm/host.hpp"
#include "valence/outcome/model_source.hpp"

namespace valence::chain {

/// What the inferences of a block's transactions meet. Everything is its owner's and outlives the execution.
struct InferenceEnvironment {
    const InferenceRules& rules;
    ModelCatalogue& catalogue;
    OutcomeSource& outcomes;
    /// Where checkWeights finds files.
    outcome::ModelSource& models;
};

/// What one call of the precompile meets.
struct InferenceCall {
    const InferenceEnvironment& environment;
    state::JournaledState& state;
    std::uint64_t block_number = 0;
    /// Of the transaction; called only where a job needs a salt.
    const std::function<Hash()>& transaction_hash;
    InferenceRecord& record;
    /// What earlier transactions of the block used; asked in system transactions only. May be null.
    const JobSet* used_before = nullptr;
};

/// Runs a message to kInferenceAddress. Status: success; revert with one of call_abi.hpp's errors;
/// out_of_gas; abandoned, with the reason in the record.
evm::PrecompileResult run_inference(const evm::Message& message, const InferenceCall& call);

}  // namespace valence::chain
