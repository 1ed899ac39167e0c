// Gas of inferences: a function of the rules, the model and the mode alone, so that it can be known before.
#pragma once

#include "valence/chain/inference/described_model.hpp"
#include "valence/chain/inference/inference_rules.hpp"
#include "valence/outcome/mode.hpp"

namespace valence::chain {

struct InferenceGas {
    /// Of the model's key, once in a transaction.
    std::uint64_t reading = 0;
    /// What every full node does for it; counts towards the limits of transaction and block.
    std::uint64_t execution = 0;
    /// What the answering node does; paid to it, counted towards no limit.
    std::uint64_t compute = 0;

    std::uint64_t total() const { return reading + execution + compute; }
};

/// Of reading a key of so many bytes.
std::uint64_t key_reading_gas(const InferenceFees& fees, std::size_t key_size);

/// Of one inference, the call itself not included. Saturates at 2^62.
InferenceGas inference_gas(const InferenceFees& fees, const DescribedModel& model, outcome::Mode mode);

/// Of checking a proof that is handed to the chain (kProofAddress), whose bytes are paid for elsewhere. Of
/// models that can be proved. The same bound.
std::uint64_t proof_check_gas(const InferenceFees& fees, const DescribedModel& model);

}  // namespace valence::chain
