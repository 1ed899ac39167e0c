// A caller's description of a transaction, completed: nonce, fees and gas filled in where they were left out.
#pragma once

#include "valence/rpc/context.hpp"
#include "valence/rpc/deadline.hpp"
#include "valence/rpc/error.hpp"
#include "valence/rpc/simulation/call_arguments.hpp"

namespace valence::rpc {

/// An unsigned transaction as geth would complete it: the sender's next nonce, fee cap = tip + 2 × base fee,
/// gas by estimate on the pending block (whose failure, a revert above all, is the answer).
Answer<chain::Transaction> fill_transaction(const Context& context,
                                            const simulation::CallArguments& arguments,
                                            const Deadline& deadline);

}  // namespace valence::rpc
