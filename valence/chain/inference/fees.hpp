// Gas of inferences: a function of the rules, the model and the mode alone, so that it can be known before.
#pragma once

#include "valence/chain/inference/described_model.hpp"
#include "valence/chain/inference/inference_rules.hpp"
#include "valence/outcome/mode.hpp"

namespace valence::chain {

struct InferenceGas {
    /// What every full node does for it; counts towards the limits of transaction and block.
    std::uint64_t execution = 0;
    /// What the answering node does; paid to it, counted towards no limit.
    std::uint64_t compute = 0;

    std::uint64_t total() const { return execution + compute; }
};

/// Of one inference, the call itself not included. Saturates at 2^62.
InferenceGas inference_gas(const InferenceFees& fees, const DescribedModel& model, outcome::Mode mode);

/// Of checking a proof that is handed to the chain (kProofAddress), whose bytes are paid for elsewhere. Of
/// models that can be proved. The same bound.
std::uint64_t proof_check_gas(const InferenceFees& fees, const DescribedModel& model);

}  // namespace valence::chain
