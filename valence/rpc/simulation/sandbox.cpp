#include "valence/rpc/simulation/sandbox.hpp"

#include "valence/rpc/simulation/message.hpp"
#include "valence/rpc/tracers/failure_tracer.hpp"

namespace valence::rpc::simulation {

namespace {

/// A run of more gas than this is watched instruction by instruction, which makes it slower but lets it be
/// given up anywhere; one of less ends by itself within a second or two between two calls.
constexpr std::uint64_t kUnwatchedGas = 100'000'000;

}  // namespace

Answer<std::unique_ptr<Sandbox>> Sandbox::open(const Base& base, const Overrides& overrides) {
    if (overrides.block.beacon_root)
        return server_error("block override \"beaconRoot\" is not supported for this RPC method");
    if (overrides.block.withdrawals)
        return server_error("block override \"withdrawals\" is not supported for this RPC method");
    auto block = chain::block_environment(base.rules, base.header, base.hashes);
    overrides.block.apply(block.context);
    if (overrides.block.difficulty && block.revision < evm::Revision::paris) {
        block.context.prev_randao = *overrides.block.difficulty;
    }
    if (overrides.block.number || overrides.block.time) {
        block.revision = base.rules.revision(block.context.number, block.context.timestamp,
                                             base.rules.consensus(base.header));
    }
    std::unique_ptr<Sandbox> sandbox{new Sandbox(base, block)};
    BOOST_OUTCOME_TRY(sandbox->precompiles_.apply(overrides.state, sandbox->state_));
    return sandbox;
}

Result<chain::TransactionResult> Sandbox::run(const chain::Transaction& call, const Address& sender,
                                              evm::Tracer* tracer) {
    auto block = block_;
    if (call.max_fee_per_gas.is_zero() && call.max_priority_fee_per_gas.is_zero())
        block.context.base_fee = {};
    if (call.max_fee_per_blob_gas.is_zero()) block.context.blob_base_fee = {};
    chain::ExecutionOptions options;
    options.checks = chain::Checks::simulation;
    options.tracer = tracer;
    DeadlineTracer watch{precompiles_.deadline()};
    if (tracer == nullptr && call.gas_limit > kUnwatchedGas) options.tracer = &watch;
    auto result = chain::execute_transaction(block, state_, call, sender, options);
    if (result.has_value() && result.value().status == evm::Status::abandoned) {
        return Error{chain::ChainError::transaction_abandoned};
    }
    return result;
}

Answer<std::string> failure_of(const Base& base, const Overrides& overrides, const chain::Transaction& call,
                               const Address& sender) {
    BOOST_OUTCOME_TRY(const auto sandbox, Sandbox::open(base, overrides));
    tracers::FailureTracer tracer{sandbox->block().revision, base.deadline};
    if (auto result = sandbox->run(call, sender, &tracer); result.has_error()) {
        return rejected_call(base, result.error(), call.gas_limit);
    }
    return tracer.text();
}

}  // namespace valence::rpc::simulation
