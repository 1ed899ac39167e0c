// Sandbox: a state and a block to run calls in, with a caller's overrides applied; nothing of it lasts.
#pragma once

#include <memory>

#include "valence/chain/execute_transaction.hpp"
#include "valence/rpc/simulation/base.hpp"
#include "valence/rpc/simulation/moved_precompiles.hpp"

namespace valence::rpc::simulation {

/// What a single call may pretend.
struct Overrides {
    StateOverrides state;
    BlockOverrides block;
};

class Sandbox {
public:
    /// In the block of `base`. Errors of the overrides.
    static Answer<std::unique_ptr<Sandbox>> open(const Base& base, const Overrides& overrides);

    /// Runs a call under the checks of a simulation. A call that names no fee meets no base fee. Error: the
    /// rule it breaks (chain::ChainError), transaction_abandoned when its time was over; see rejected_call.
    Result<chain::TransactionResult> run(const chain::Transaction& call, const Address& sender,
                                         evm::Tracer* tracer = nullptr);

    state::JournaledState& state() { return state_; }
    const chain::BlockEnvironment& block() const { return block_; }
    const MovedPrecompiles& precompiles() const { return precompiles_; }

private:
    Sandbox(const Base& base, const chain::BlockEnvironment& block)
        : state_(base.state), block_(block), precompiles_(block_.revision, base.deadline) {
        block_.precompiles = &precompiles_;
        block_.inference = base.inference;
    }

    state::JournaledState state_;
    chain::BlockEnvironment block_;
    MovedPrecompiles precompiles_;
};

/// How a failed call failed, in geth's words. Runs it again to watch it: the machine itself tells no details.
Answer<std::string> failure_of(const Base& base, const Overrides& overrides, const chain::Transaction& call,
                               const Address& sender);

}  // namespace valence::rpc::simulation
