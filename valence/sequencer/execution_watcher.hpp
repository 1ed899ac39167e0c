// ExecutionWatcher: sees transactions while they are executed into a block, for those who print what
// contracts do.
#pragma once

#include "valence/chain/execute_transaction.hpp"
#include "valence/sequencer/pool_transaction.hpp"

namespace valence::sequencer {

/// Called on the chain's thread, for blocks that are built to be sealed.
class ExecutionWatcher {
public:
    virtual ~ExecutionWatcher() = default;
    /// The tracer to run it with; null for none, which is much faster.
    virtual evm::Tracer* before(const PoolTransaction& transaction) = 0;
    virtual void after(const PoolTransaction& transaction, const chain::TransactionResult& result) = 0;
};

}  // namespace valence::sequencer
