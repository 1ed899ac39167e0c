// BlockReplay: a block of the chain run again on its parent's state, transaction by transaction, traced or
// not.
#pragma once

#include "valence/chain/system/system_line.hpp"
#include "valence/rpc/simulation/interruptible.hpp"
#include "valence/rpc/tracers/transaction_tracer.hpp"
#include "valence/sequencer/stored_block.hpp"

namespace valence::rpc::tracers {

class BlockReplay {
public:
    /// `parent_state` is the state after the block's parent. All references outlive the replay. At `deadline`
    /// it is given up, with "execution timeout". `inference` answers with the block's own outcomes.
    BlockReplay(const chain::RuleSet& rules, const sequencer::StoredBlock& block,
                const state::StateReader& parent_state, const chain::BlockHashes& hashes,
                const Deadline& deadline = {}, const chain::InferenceEnvironment* inference = nullptr);

    /// Runs transactions up to, not including, the one at `index`.
    Answer<void> run_until(std::size_t index);
    /// Runs the next transaction; the tracer may be null.
    Answer<chain::TransactionResult> run_next(evm::Tracer* tracer = nullptr);
    /// The same under the tracer: its findings.
    Answer<std::string> trace_next(TransactionTracer& tracer);

    std::size_t next() const { return next_; }
    const chain::BlockEnvironment& environment() const { return execution_.environment(); }
    state::JournaledState& state() { return state_; }

private:
    Result<chain::TransactionResult> execute(std::size_t index, evm::Tracer* tracer);

    const sequencer::StoredBlock& block_;
    state::JournaledState state_;
    simulation::Interruptible interruptible_;
    chain::BlockExecution execution_;
    /// Where the rules have system transactions: those of the block, as they are derived.
    std::optional<chain::SystemLine> system_;
    std::size_t next_ = 0;
};

}  // namespace valence::rpc::tracers
