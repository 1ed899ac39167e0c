// verify: whether an outcome may be used in a block. The one function that sequencer, full nodes and auditor
// ask, for every mode.
#pragma once

#include "valence/outcome/model_source.hpp"
#include "valence/outcome/provable_models.hpp"
#include "valence/outcome/settled.hpp"
#include "valence/outcome/verified_proofs.hpp"

namespace valence::outcome {

/// What the evidence of a block's outcomes is held against.
struct VerifyContext {
    std::uint64_t chain_id = 0;
    std::uint64_t block_number = 0;
    ModelSource& models;
    /// Those of the state before the block.
    ProvableModels& provable;
    /// May be null.
    VerifiedProofs* verified = nullptr;
    /// That run a model, at most.
    unsigned threads = 1;
};

/// Errors: model_missing when this node cannot tell yet; any other means that a block with this outcome is
/// invalid. A pure function of entry, context, and the model's file (REPLAY) or key (ZK); what `verified`
/// knows changes its time only. Thread-safe.
Result<void> verify(const Settled& entry, const VerifyContext& context);

/// Whether a proof is of the profile that gas is for, kProfile100: over the larger field of the other one
/// checking takes up to four times as long.
bool is_of_priced_profile(BytesView proof);

}  // namespace valence::outcome
