#include "valence/rpc/methods/fill_transaction.hpp"

#include <fmt/format.h>

#include "valence/rpc/methods/fees.hpp"
#include "valence/rpc/methods/simulation_base.hpp"
#include "valence/rpc/simulation/estimate_gas.hpp"

namespace valence::rpc {

namespace {

Answer<void> check(const Context& context, const simulation::CallArguments& arguments) {
    if (arguments.gas_price && arguments.names_dynamic_fee()) {
        return server_error("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified");
    }
    if (arguments.data && arguments.input && *arguments.data != *arguments.input) {
        return server_error(
            "both \"data\" and \"input\" are set and not equal. Please use \"input\" to pass transaction "
            "call data");
    }
    if (!arguments.to && arguments.calldata().empty()) {
        return server_error("contract creation without any data provided");
    }
    const U256 chain_id = context.node.chain_id();
    if (arguments.chain_id && *arguments.chain_id != chain_id) {
        return server_error(fmt::format("chainId does not match node's (have={}, want={})",
                                        arguments.chain_id->to_decimal(), chain_id.to_decimal()));
    }
    if (arguments.blob_hashes) return server_error("blob transactions are not supported on this chain");
    return success();
}

chain::TransactionType type_of(const simulation::CallArguments& arguments) {
    if (arguments.authorizations) return chain::TransactionType::set_code;
    if (!arguments.gas_price) return chain::TransactionType::dynamic_fee;
    return arguments.access_list ? chain::TransactionType::access_list : chain::TransactionType::legacy;
}

Answer<void> fill_fees(const Context& context, const simulation::CallArguments& arguments,
                       chain::Transaction& to) {
    if (arguments.gas_price) {
        to.max_fee_per_gas = to.max_priority_fee_per_gas = *arguments.gas_price;
        return success();
    }
    const auto base_fee = context.node.next_block().base_fee;
    to.max_priority_fee_per_gas = arguments.max_priority_fee_per_gas.value_or(U256{});
    if (!arguments.max_priority_fee_per_gas) {
        to.max_priority_fee_per_gas = suggested_tip(context.node);
        // A caller who names only a cap gets a tip that fits under it.
        if (arguments.max_fee_per_gas) {
            to.max_priority_fee_per_gas = std::min(to.max_priority_fee_per_gas, *arguments.max_fee_per_gas);
        }
    }
    to.max_fee_per_gas =
        arguments.max_fee_per_gas.value_or(to.max_priority_fee_per_gas + base_fee + base_fee);
    if (to.max_fee_per_gas < to.max_priority_fee_per_gas) {
        return server_error(fmt::format("maxFeePerGas ({}) < maxPriorityFeePerGas ({})",
                                        U256{to.max_fee_per_gas}.to_hex(),
                                        to.max_priority_fee_per_gas.to_hex()));
    }
    return success();
}

Answer<std::uint64_t> estimate(const Context& context, simulation::CallArguments arguments,
                               const Deadline& deadline) {
    const auto pending = context.node.pending();
    const SimulationBase base(context.node, {pending->block, Sealing::pending, pending->state});
    // The nonce may lie behind transactions that wait: it is not the estimate's business.
    arguments.nonce.reset();
    return simulation::estimate_gas(base.base(deadline.within(context.limits.evm_time)), arguments, {},
                                    simulation_limits(context.limits));
}

}  // namespace

Answer<chain::Transaction> fill_transaction(const Context& context,
                                            const simulation::CallArguments& arguments,
                                            const Deadline& deadline) {
    BOOST_OUTCOME_TRY(check(context, arguments));
    chain::Transaction transaction;
    transaction.type = type_of(arguments);
    transaction.chain_id = context.node.chain_id();
    transaction.to = arguments.to;
    transaction.value = arguments.value.value_or(U256{});
    transaction.data = base::to_bytes(arguments.calldata());
    transaction.access_list = arguments.access_list.value_or(chain::AccessList{});
    transaction.authorizations = arguments.authorizations.value_or(std::vector<chain::Authorization>{});
    transaction.nonce = arguments.nonce ? *arguments.nonce : context.node.next_nonce(arguments.sender());
    BOOST_OUTCOME_TRY(fill_fees(context, arguments, transaction));
    if (arguments.gas) {
        transaction.gas_limit = *arguments.gas;
    } else {
        BOOST_OUTCOME_TRY(transaction.gas_limit, estimate(context, arguments, deadline));
    }
    return transaction;
}

}  // namespace valence::rpc
