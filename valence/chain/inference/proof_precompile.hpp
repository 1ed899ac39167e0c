// The precompile at 0x…F8: contracts have proofs verified that they were handed, whoever made them.
//
//     verify(bytes32 model, Tensor[] inputs, Tensor[] outputs, bytes context, bytes proof) → bool
//
// `context` is what the proof was bound to: outcome::proof_context() where it is of a job of some chain.
#pragma once

#include "valence/chain/inference/inference_precompile.hpp"

namespace valence::chain {

/// Runs a message to kProofAddress. Inputs and outputs are in WAD, by name. Status: success; out_of_gas;
/// revert with one of call_abi.hpp's errors: UnknownModel, ModelNotOpen, ModeUnsupported where the model's
/// key has no commitment, those of named tensors, which speak of outputs too, MalformedCall, NotPayable,
/// DelegateCallRefused.
evm::PrecompileResult run_proof_check(const evm::Message& message, const InferenceCall& call);

}  // namespace valence::chain
