// Transactions that the node signs for the accounts whose keys it has, or sends for those it may act for.
#pragma once

#include "valence/rpc/call.hpp"
#include "valence/rpc/simulation/call_arguments.hpp"

namespace valence::rpc {

/// Completes, signs and submits it; the hash. Without a sender, the first dev account's.
Answer<Hash> send_as(Call& call, simulation::CallArguments arguments);

}  // namespace valence::rpc
