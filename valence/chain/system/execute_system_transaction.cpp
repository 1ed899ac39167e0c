#include "valence/chain/system/execute_system_transaction.hpp"

#include "valence/chain/inference/credit.hpp"
#include "valence/chain/intrinsic_gas.hpp"

namespace valence::chain {
namespace {

/// EIP-3529: a fifth of what was used, at most.
constexpr std::uint64_t kRefundQuotient = 5;

evm::Message message_of(const Transaction& t, std::uint64_t gas) {
    evm::Message message;
    message.gas = static_cast<evm::Gas>(gas);
    message.sender = t.from;
    message.recipient = message.code_address = *t.to;
    message.input = t.data;
    return message;
}

}  // namespace

TransactionResult execute_system_transaction(const BlockEnvironment& block, state::JournaledState& state,
                                             const SystemTransaction& system,
                                             const SystemExecutionOptions& options) {
    const auto& t = system.transaction;
    state.begin_transaction();
    const auto start = state.checkpoint();
    TransactionResult result;
    result.deposit_nonce = state.nonce(t.from);
    state.set_nonce(t.from, *result.deposit_nonce + 1);
    state.warm_account(t.from);
    state.warm_account(*t.to);
    state.warm_account(block.context.coinbase);

    const auto intrinsic = intrinsic_gas(t, block.revision);
    if (system.execution_gas < intrinsic.cost) {
        result.status = evm::Status::out_of_gas;
        result.gas_used = result.gas_used_before_refund = system.execution_gas;
        state.finish_transaction(state::EmptyAccounts::removed);
        return result;
    }

    auto& record = result.inference;
    record.system_contract = t.to;
    record.compute_pool = t.gas_limit - system.execution_gas;
    record.compute_allowance = system.execution_gas - std::min(system.execution_gas, intrinsic.floor);
    EvmHost host{state, block.hashes, block.precompiles, block.revision};
    const std::function<Hash()> salt_source = [&] { return system.salt_source; };
    std::optional<InferenceCall> inference;
    if (block.inference != nullptr) {
        inference.emplace(*block.inference, state, block.context.number, salt_source, record,
                          options.used_before);
        host.serve_inference(*inference);
    }
    const evm::TransactionContext context{t.from, {}, {}};
    evm::Vm vm{block.revision, block.context, context, host, options.tracer, block.rules.limits};
    auto run = vm.execute(message_of(t, system.execution_gas - intrinsic.cost));
    result.status = run.status;
    if (run.status == evm::Status::abandoned) {
        state.revert_to(start);
        return result;
    }

    result.output = std::move(run.output);
    result.gas_used_before_refund =
        t.gas_limit - static_cast<std::uint64_t>(run.gas_left) - record.compute_pool;
    const auto executed = result.gas_used_before_refund - record.compute_gas;
    const auto refund = std::min(static_cast<std::uint64_t>(std::max<evm::Gas>(state.refund(), 0)),
                                 executed / kRefundQuotient);
    const auto least = std::min(intrinsic.floor, system.execution_gas);
    const auto for_execution = std::max(executed - refund, least);
    result.compute_gas = compute_to_pay(record, options.used_before);
    if (block.inference != nullptr && result.succeeded())
        credit_settlement(block.inference->rules, state, record, options.used_before);
    result.gas_used = for_execution + result.compute_gas;
    result.logs = host.take_logs();
    state.finish_transaction(state::EmptyAccounts::removed);
    return result;
}

}  // namespace valence::chain
