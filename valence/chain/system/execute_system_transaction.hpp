// execute_system_transaction: runs a system transaction. It buys no gas and pays nobody; otherwise it is a
// transaction like others.
#pragma once

#include "valence/chain/execute_transaction.hpp"
#include "valence/chain/system/system_transaction.hpp"

namespace valence::chain {

struct SystemExecutionOptions {
    evm::Tracer* tracer = nullptr;
    /// What earlier transactions of the block used. May be null.
    const JobSet* used_before = nullptr;
};

/// Runs it on the state and finishes it there: success, failure, or `abandoned`, which leaves the state as it
/// was. Its sender's nonce rises in the first two. Gas: intrinsic, refunds and floor as anyone's (EIP-3529,
/// EIP-7623), execution at most `execution_gas`; what is above pays for the called contract's own inferences
/// only. Who computed is paid from the called contract's balance, as that settles (IInference.settle).
TransactionResult execute_system_transaction(const BlockEnvironment& block, state::JournaledState& state,
                                             const SystemTransaction& transaction,
                                             const SystemExecutionOptions& options = {});

}  // namespace valence::chain
