#include "valence/rpc/tracers/block_replay.hpp"

#include <fmt/format.h>

#include "valence/rpc/tracers/trace_transaction.hpp"

namespace valence::rpc::tracers {

BlockReplay::BlockReplay(const chain::RuleSet& rules, const sequencer::StoredBlock& block,
                         const state::StateReader& parent_state, const chain::BlockHashes& hashes,
                         const Deadline& deadline, const chain::InferenceEnvironment* inference)
    : block_(block),
      state_(parent_state),
      interruptible_(deadline),
      execution_(rules, block.block.header, state_, hashes, &interruptible_) {
    if (inference != nullptr) execution_.serve_inference(*inference);
    execution_.begin();
    if (!rules.system) return;
    if (const auto header = chain::referred_da_header(block.block))
        system_.emplace(*rules.system, block.block.header, header.value(), execution_);
}

Result<chain::TransactionResult> BlockReplay::execute(std::size_t index, evm::Tracer* tracer) {
    const auto& transaction = block_.block.transactions[index];
    if (transaction.is_system() && system_) {
        const auto due = system_->next();
        if (!due || due->transaction != transaction)
            return Error{chain::ChainError::system_transaction_unexpected};
        return system_->run(*due, tracer);
    }
    // The block is valid already; transactions of impersonated senders in dev chains have no signature to
    // check.
    return execution_.execute(transaction, block_.facts[index].sender, tracer, chain::Checks::simulation);
}

Answer<chain::TransactionResult> BlockReplay::run_next(evm::Tracer* tracer) {
    const auto index = next_++;
    auto executed = execute(index, tracer);
    if (executed.has_error()) {
        if (interruptible_.deadline().over()) return server_error("execution timeout");
        return server_error(
            fmt::format("tracing failed: transaction {}: {}", index, executed.error().message()));
    }
    return std::move(executed).value();
}

Answer<void> BlockReplay::run_until(std::size_t index) {
    while (next_ < index) {
        if (interruptible_.deadline().over()) return server_error("execution timeout");
        BOOST_OUTCOME_TRY(run_next(nullptr));
    }
    return base::success();
}

Answer<std::string> BlockReplay::trace_next(TransactionTracer& tracer) {
    const auto& facts = block_.facts[next_];
    const TracePosition position{block_.hash, block_.number(), facts.hash, next_, facts.first_log_index};
    tracer.on_transaction_start(transaction_start(execution_.environment(), state_,
                                                  block_.block.transactions[next_], facts.sender, position));
    const auto executed = run_next(&tracer);
    if (tracer.gave_up()) return tracer.result();
    if (executed.has_error()) return executed.error();
    tracer.on_transaction_end(executed.value().gas_used);
    return tracer.result();
}

}  // namespace valence::rpc::tracers
