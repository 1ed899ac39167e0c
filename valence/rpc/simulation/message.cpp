#include "valence/rpc/simulation/message.hpp"

#include <fmt/format.h>

#include "valence/chain/chain_error.hpp"

namespace valence::rpc::simulation {

namespace {

/// Gas of a call without a limit: more than any run takes, within what the machine counts.
constexpr std::uint64_t kUnlimitedGas = ~std::uint64_t{0} / 2;

}  // namespace

chain::TransactionType type_of(const CallArguments& arguments) {
    if (arguments.authorizations) return chain::TransactionType::set_code;
    if (arguments.blob_hashes) return chain::TransactionType::blob;
    if (!arguments.gas_price) return chain::TransactionType::dynamic_fee;
    return arguments.access_list ? chain::TransactionType::access_list : chain::TransactionType::legacy;
}

Answer<chain::Transaction> message_of(const CallArguments& arguments, std::uint64_t gas_cap,
                                      std::uint64_t chain_id) {
    if (arguments.gas_price && arguments.names_dynamic_fee()) {
        return server_error("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified");
    }
    if (arguments.chain_id && *arguments.chain_id != U256{chain_id}) {
        return server_error(fmt::format("chainId does not match node's (have={}, want={})",
                                        arguments.chain_id->to_decimal(), chain_id));
    }
    chain::Transaction out;
    out.type = type_of(arguments);
    out.chain_id = chain_id;
    out.nonce = arguments.nonce.value_or(0);
    out.gas_limit = arguments.gas.value_or(gas_cap != 0 ? gas_cap : kUnlimitedGas);
    if (gas_cap != 0) out.gas_limit = std::min(out.gas_limit, gas_cap);
    const auto legacy_price = arguments.gas_price.value_or(U256{});
    out.max_fee_per_gas = arguments.max_fee_per_gas.value_or(legacy_price);
    out.max_priority_fee_per_gas = arguments.max_priority_fee_per_gas.value_or(legacy_price);
    out.to = arguments.to;
    out.value = arguments.value.value_or(U256{});
    out.data = base::to_bytes(arguments.calldata());
    out.access_list = arguments.access_list.value_or(chain::AccessList{});
    out.max_fee_per_blob_gas = arguments.max_fee_per_blob_gas.value_or(U256{});
    out.blob_hashes = arguments.blob_hashes.value_or(std::vector<Hash>{});
    out.authorizations = arguments.authorizations.value_or(std::vector<chain::Authorization>{});
    return out;
}

bool is_out_of_time(const Base& base, const Error& error) {
    return error.code == chain::ChainError::transaction_abandoned && base.deadline.over();
}

RpcError rejected_call(const Base& base, const Error& error, std::uint64_t gas_limit) {
    if (is_out_of_time(base, error)) return base.deadline.aborted();
    if (error.code == chain::ChainError::transaction_abandoned)
        return RpcError{code::kComputeBudget,
                        "a model this call asks is not on this node, needs more work than a simulation may "
                        "do, or the node "
                        "computes as many such calls as it does at once: ask again later"};
    return server_error(fmt::format("err: {} (supplied gas {})", error.message(), gas_limit));
}

}  // namespace valence::rpc::simulation
