#include "valence/rpc/method_table.hpp"

#include <array>

#include "valence/rpc/methods/handlers.hpp"

namespace valence::rpc {

namespace {

constexpr auto kDev = Availability::dev_only;

constexpr auto kMethods = std::to_array<Method>({
    // clang-format off
    {"anvil_addBalance", "address, amount", anvil_add_balance, kDev},
    {"anvil_autoImpersonateAccount", "on", anvil_auto_impersonate_account, kDev},
    {"anvil_dropAllTransactions", "", anvil_drop_all_transactions, kDev},
    {"anvil_dropTransaction", "hash", dev_drop_transaction, kDev},
    {"anvil_getAutomine", "", dev_get_automine, kDev},
    {"anvil_getIntervalMining", "", dev_get_interval_mining, kDev},
    {"anvil_impersonateAccount", "address", dev_impersonate_account, kDev},
    {"anvil_increaseTime", "seconds", dev_increase_time, kDev},
    {"anvil_metadata", "", dev_metadata, kDev},
    {"anvil_mine", "blocks?, seconds?", dev_mine, kDev},
    {"anvil_mineDetailed", "options?", evm_mine_detailed, kDev},
    {"anvil_mine_detailed", "options?", evm_mine_detailed, kDev},
    {"anvil_nodeInfo", "", anvil_node_info, kDev},
    {"anvil_removeBlockTimestampInterval", "", anvil_remove_block_timestamp_interval, kDev},
    {"anvil_removePoolTransactions", "address", anvil_remove_pool_transactions, kDev},
    {"anvil_reset", "options?", dev_reset, kDev},
    {"anvil_revert", "snapshot", evm_revert, kDev},
    {"anvil_rollback", "depth?", anvil_rollback, kDev},
    {"anvil_setAutomine", "on", dev_set_automine, kDev},
    {"anvil_setBalance", "address, balance", dev_set_balance, kDev},
    {"anvil_setBlockGasLimit", "limit", dev_set_block_gas_limit, kDev},
    {"anvil_setBlockTimestampInterval", "seconds", anvil_set_block_timestamp_interval, kDev},
    {"anvil_setCode", "address, code", dev_set_code, kDev},
    {"anvil_setCoinbase", "address", dev_set_coinbase, kDev},
    {"anvil_setIntervalMining", "seconds", dev_set_interval_mining, kDev},
    {"anvil_setLoggingEnabled", "on", dev_set_logging_enabled, kDev},
    {"anvil_setMinGasPrice", "price", dev_set_min_gas_price, kDev},
    {"anvil_setNextBlockBaseFeePerGas", "fee", dev_set_next_block_base_fee, kDev},
    {"anvil_setNextBlockTimestamp", "timestamp", dev_set_next_block_timestamp, kDev},
    {"anvil_setNonce", "address, nonce", dev_set_nonce, kDev},
    {"anvil_setPrevRandao", "value", dev_set_prev_randao, kDev},
    {"anvil_setStorageAt", "address, slot, value", dev_set_storage_at, kDev},
    {"anvil_setTime", "timestamp", dev_set_time, kDev},
    {"anvil_snapshot", "", evm_snapshot, kDev},
    {"anvil_stopImpersonatingAccount", "address", dev_stop_impersonating_account, kDev},
    {"debug_getRawBlock", "block", debug_get_raw_block},
    {"debug_getRawHeader", "block", debug_get_raw_header},
    {"debug_getRawReceipts", "block", debug_get_raw_receipts},
    {"debug_getRawTransaction", "hash", eth_get_raw_transaction_by_hash},
    {"debug_traceBlock", "encoded, options?", debug_trace_block},
    {"debug_traceBlockByHash", "hash, options?", debug_trace_block_by_hash},
    {"debug_traceBlockByNumber", "number, options?", debug_trace_block_by_number},
    {"debug_traceCall", "transaction, block?, options?", debug_trace_call},
    {"debug_traceTransaction", "hash, options?", debug_trace_transaction},
    {"eth_accounts", "", eth_accounts},
    {"eth_baseFee", "", eth_base_fee},
    {"eth_blobBaseFee", "", eth_blob_base_fee},
    {"eth_blockNumber", "", eth_block_number},
    {"eth_call", "transaction, block?, stateOverrides?, blockOverrides?", eth_call},
    {"eth_capabilities", "", eth_capabilities},
    {"eth_chainId", "", eth_chain_id},
    {"eth_coinbase", "", eth_coinbase},
    {"eth_config", "", eth_config},
    {"eth_createAccessList", "transaction, block?, stateOverrides?, blockOverrides?", eth_create_access_list},
    {"eth_estimateGas", "transaction, block?, stateOverrides?, blockOverrides?", eth_estimate_gas},
    {"eth_feeHistory", "blockCount, newestBlock, rewardPercentiles?", eth_fee_history},
    {"eth_fillTransaction", "transaction", eth_fill_transaction},
    {"eth_gasPrice", "", eth_gas_price},
    {"eth_getAccount", "address, block?", eth_get_account},
    {"eth_getAccountInfo", "address, block?", eth_get_account_info},
    {"eth_getBalance", "address, block?", eth_get_balance},
    {"eth_getBlockByHash", "hash, full?", eth_get_block_by_hash},
    {"eth_getBlockByNumber", "number, full?", eth_get_block_by_number},
    {"eth_getBlockReceipts", "block", eth_get_block_receipts},
    {"eth_getBlockTransactionCountByHash", "hash", eth_get_block_transaction_count_by_hash},
    {"eth_getBlockTransactionCountByNumber", "number", eth_get_block_transaction_count_by_number},
    {"eth_getCode", "address, block?", eth_get_code},
    {"eth_getFilterChanges", "filter", eth_get_filter_changes},
    {"eth_getFilterLogs", "filter", eth_get_filter_logs},
    {"eth_getHeaderByHash", "hash", eth_get_header_by_hash},
    {"eth_getHeaderByNumber", "number", eth_get_header_by_number},
    {"eth_getLogs", "criteria", eth_get_logs},
    {"eth_getProof", "address, slots, block?", eth_get_proof},
    {"eth_getRawTransactionByBlockHashAndIndex", "hash, index", eth_get_raw_transaction_by_block_hash_and_index},
    {"eth_getRawTransactionByBlockNumberAndIndex", "number, index", eth_get_raw_transaction_by_block_number_and_index},
    {"eth_getRawTransactionByHash", "hash", eth_get_raw_transaction_by_hash},
    {"eth_getStorageAt", "address, slot, block?", eth_get_storage_at},
    {"eth_getStorageValues", "slotsByAddress, block?", eth_get_storage_values},
    {"eth_getTransactionByBlockHashAndIndex", "hash, index", eth_get_transaction_by_block_hash_and_index},
    {"eth_getTransactionByBlockNumberAndIndex", "number, index", eth_get_transaction_by_block_number_and_index},
    {"eth_getTransactionByHash", "hash", eth_get_transaction_by_hash},
    {"eth_getTransactionCount", "address, block?", eth_get_transaction_count},
    {"eth_getTransactionReceipt", "hash", eth_get_transaction_receipt},
    {"eth_getUncleByBlockHashAndIndex", "hash, index", eth_get_uncle_by_block_hash_and_index},
    {"eth_getUncleByBlockNumberAndIndex", "number, index", eth_get_uncle_by_block_number_and_index},
    {"eth_getUncleCountByBlockHash", "hash", eth_get_uncle_count_by_block_hash},
    {"eth_getUncleCountByBlockNumber", "number", eth_get_uncle_count_by_block_number},
    {"eth_hashrate", "", eth_hashrate},
    {"eth_maxPriorityFeePerGas", "", eth_max_priority_fee_per_gas},
    {"eth_mining", "", eth_mining},
    {"eth_newBlockFilter", "", eth_new_block_filter},
    {"eth_newFilter", "criteria", eth_new_filter},
    {"eth_newPendingTransactionFilter", "full?", eth_new_pending_transaction_filter},
    {"eth_protocolVersion", "", eth_protocol_version},
    {"eth_sendRawTransaction", "encoded", eth_send_raw_transaction},
    {"eth_sendRawTransactionSync", "encoded, milliseconds?", eth_send_raw_transaction_sync},
    {"eth_sendTransaction", "transaction", eth_send_transaction},
    {"eth_sendUnsignedTransaction", "transaction", eth_send_transaction, kDev},
    {"eth_sign", "address, message", eth_sign},
    {"eth_signTransaction", "transaction", eth_sign_transaction},
    {"eth_signTypedData", "address, data", eth_sign_typed_data_v4},
    {"eth_signTypedData_v4", "address, data", eth_sign_typed_data_v4},
    {"eth_simulateV1", "request, block?", eth_simulate_v1},
    {"eth_subscribe", "topic, options?", eth_subscribe},
    {"eth_syncing", "", eth_syncing},
    {"eth_uninstallFilter", "filter", eth_uninstall_filter},
    {"eth_unsubscribe", "subscription", eth_unsubscribe},
    {"evm_increaseTime", "seconds", dev_increase_time, kDev},
    {"evm_mine", "options?", evm_mine, kDev},
    {"evm_mine_detailed", "options?", evm_mine_detailed, kDev},
    {"evm_revert", "snapshot", evm_revert, kDev},
    {"evm_setAccountBalance", "address, balance", dev_set_balance, kDev},
    {"evm_setAccountCode", "address, code", dev_set_code, kDev},
    {"evm_setAccountNonce", "address, nonce", dev_set_nonce, kDev},
    {"evm_setAccountStorageAt", "address, slot, value", dev_set_storage_at, kDev},
    {"evm_setAutomine", "on", dev_set_automine, kDev},
    {"evm_setBlockGasLimit", "limit", dev_set_block_gas_limit, kDev},
    {"evm_setIntervalMining", "seconds", dev_set_interval_mining, kDev},
    {"evm_setNextBlockTimestamp", "timestamp", dev_set_next_block_timestamp, kDev},
    {"evm_setTime", "timestamp", dev_set_time, kDev},
    {"evm_snapshot", "", evm_snapshot, kDev},
    {"hardhat_dropTransaction", "hash", dev_drop_transaction, kDev},
    {"hardhat_getAutomine", "", dev_get_automine, kDev},
    {"hardhat_impersonateAccount", "address", dev_impersonate_account, kDev},
    {"hardhat_metadata", "", dev_metadata, kDev},
    {"hardhat_mine", "blocks?, seconds?", dev_mine, kDev},
    {"hardhat_reset", "options?", dev_reset, kDev},
    {"hardhat_setBalance", "address, balance", dev_set_balance, kDev},
    {"hardhat_setCode", "address, code", dev_set_code, kDev},
    {"hardhat_setCoinbase", "address", dev_set_coinbase, kDev},
    {"hardhat_setLoggingEnabled", "on", dev_set_logging_enabled, kDev},
    {"hardhat_setMinGasPrice", "price", dev_set_min_gas_price, kDev},
    {"hardhat_setNextBlockBaseFeePerGas", "fee", dev_set_next_block_base_fee, kDev},
    {"hardhat_setNonce", "address, nonce", dev_set_nonce, kDev},
    {"hardhat_setPrevRandao", "value", dev_set_prev_randao, kDev},
    {"hardhat_setStorageAt", "address, slot, value", dev_set_storage_at, kDev},
    {"hardhat_stopImpersonatingAccount", "address", dev_stop_impersonating_account, kDev},
    {"net_listening", "", net_listening},
    {"net_peerCount", "", net_peer_count},
    {"net_version", "", net_version},
    {"personal_sign", "message, address", personal_sign},
    {"rpc_modules", "", rpc_modules},
    {"testing_buildBlockV1", "parent, attributes, transactions, extraData?", testing_build_block, kDev},
    {"txpool_content", "", txpool_content},
    {"txpool_contentFrom", "address", txpool_content_from},
    {"txpool_inspect", "", txpool_inspect},
    {"txpool_status", "", txpool_status},
    {"web3_clientVersion", "", web3_client_version},
    {"web3_sha3", "data", web3_sha3},
    // clang-format on
});

constexpr bool is_ordered() {
    for (std::size_t i = 1; i < kMethods.size(); ++i) {
        if (kMethods[i - 1].name >= kMethods[i].name) return false;
    }
    return true;
}
static_assert(is_ordered(), "methods are found by binary search: keep the table ordered by name");

}  // namespace

std::span<const Method> methods() { return kMethods; }

std::size_t find_method(std::string_view name) {
    const auto found =
        std::lower_bound(kMethods.begin(), kMethods.end(), name,
                         [](const Method& method, std::string_view wanted) { return method.name < wanted; });
    const auto index = static_cast<std::size_t>(found - kMethods.begin());
    return found != kMethods.end() && found->name == name ? index : kMethods.size();
}

}  // namespace valence::rpc
