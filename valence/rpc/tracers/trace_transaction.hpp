// Runs one transaction under a tracer: what all traces come down to.
#pragma once

#include "valence/chain/execute_transaction.hpp"
#include "valence/rpc/tracers/transaction_tracer.hpp"

namespace valence::rpc::tracers {

/// What a tracer is told of the transaction before it runs.
TransactionStart transaction_start(const chain::BlockEnvironment& block, state::JournaledState& state,
                                   const chain::Transaction& transaction, const Address& sender,
                                   const TracePosition& position);

/// The findings and what the transaction gave. Error: the rule it breaks; the state is then as before.
struct TracedTransaction {
    std::string findings;
    chain::TransactionResult result;
};
Answer<TracedTransaction> trace_transaction(const chain::BlockEnvironment& block,
                                            state::JournaledState& state,
                                            const chain::Transaction& transaction, const Address& sender,
                                            const TracePosition& position, chain::Checks checks,
                                            TransactionTracer& tracer);

}  // namespace valence::rpc::tracers
