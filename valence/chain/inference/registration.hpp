// What ModelRegistry alone asks of the precompile: to take a model's key, and to check its weights.
#pragma once

#include "valence/chain/inference/call_context.hpp"

namespace valence::chain {

/// Checks the structure of a verifying key, prices it, and keeps it in the state; answers the model's id.
CallAnswer<Bytes> register_model(CallContext& context, const Bytes& key);

/// Recomputes what the id says about the weights, out of this node's file. A node without the file leaves the
/// transaction out, so it must not have caused work by then: nobody would pay it.
CallAnswer<Bytes> check_weights(CallContext& context, const ml::ModelId& id);

}  // namespace valence::chain
