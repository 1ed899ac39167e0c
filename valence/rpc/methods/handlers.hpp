// The handlers of all methods, by the file that holds them. method_table.cpp says what each serves.
#pragma once

#include "valence/rpc/call.hpp"

namespace valence::rpc {

// debug_ranges.cpp
Answer<void> debug_account_range(Call& call);
Answer<void> debug_storage_range_at(Call& call);

// debug_raw.cpp
Answer<void> debug_get_raw_header(Call& call);
Answer<void> debug_get_raw_block(Call& call);
Answer<void> debug_get_raw_receipts(Call& call);

// debug_trace.cpp
Answer<void> debug_trace_transaction(Call& call);
Answer<void> debug_trace_block_by_number(Call& call);
Answer<void> debug_trace_block_by_hash(Call& call);
Answer<void> debug_trace_block(Call& call);
Answer<void> debug_trace_call(Call& call);

// dev_dump.cpp
Answer<void> anvil_dump_state(Call& call);
Answer<void> anvil_load_state(Call& call);

// dev_erc20.cpp
Answer<void> dev_deal_erc20(Call& call);
Answer<void> anvil_set_erc20_allowance(Call& call);

// dev_mining.cpp
Answer<void> evm_mine(Call& call);
Answer<void> evm_mine_detailed(Call& call);
Answer<void> dev_mine(Call& call);
Answer<void> dev_set_automine(Call& call);
Answer<void> dev_get_automine(Call& call);
Answer<void> dev_set_interval_mining(Call& call);
Answer<void> dev_get_interval_mining(Call& call);
Answer<void> evm_snapshot(Call& call);
Answer<void> evm_revert(Call& call);
Answer<void> anvil_rollback(Call& call);
Answer<void> anvil_reorg(Call& call);
Answer<void> dev_reset(Call& call);

// dev_node.cpp
Answer<void> dev_set_logging_enabled(Call& call);
Answer<void> anvil_node_info(Call& call);
Answer<void> dev_metadata(Call& call);

// dev_state.cpp
Answer<void> dev_set_balance(Call& call);
Answer<void> anvil_add_balance(Call& call);
Answer<void> dev_set_nonce(Call& call);
Answer<void> dev_set_code(Call& call);
Answer<void> dev_set_storage_at(Call& call);
Answer<void> dev_impersonate_account(Call& call);
Answer<void> dev_stop_impersonating_account(Call& call);
Answer<void> anvil_auto_impersonate_account(Call& call);
Answer<void> dev_drop_transaction(Call& call);
Answer<void> anvil_drop_all_transactions(Call& call);
Answer<void> anvil_remove_pool_transactions(Call& call);

// dev_time.cpp
Answer<void> dev_increase_time(Call& call);
Answer<void> dev_set_time(Call& call);
Answer<void> dev_set_next_block_timestamp(Call& call);
Answer<void> anvil_set_block_timestamp_interval(Call& call);
Answer<void> anvil_remove_block_timestamp_interval(Call& call);
Answer<void> dev_set_block_gas_limit(Call& call);
Answer<void> dev_set_next_block_base_fee(Call& call);
Answer<void> dev_set_prev_randao(Call& call);
Answer<void> dev_set_coinbase(Call& call);
Answer<void> dev_set_min_gas_price(Call& call);

// eth_blocks.cpp
Answer<void> eth_get_block_by_number(Call& call);
Answer<void> eth_get_block_by_hash(Call& call);
Answer<void> eth_get_header_by_number(Call& call);
Answer<void> eth_get_header_by_hash(Call& call);
Answer<void> eth_get_block_transaction_count_by_number(Call& call);
Answer<void> eth_get_block_transaction_count_by_hash(Call& call);
Answer<void> eth_get_uncle_count_by_block_number(Call& call);
Answer<void> eth_get_uncle_count_by_block_hash(Call& call);
Answer<void> eth_get_uncle_by_block_number_and_index(Call& call);
Answer<void> eth_get_uncle_by_block_hash_and_index(Call& call);

// eth_chain.cpp
Answer<void> eth_chain_id(Call& call);
Answer<void> eth_protocol_version(Call& call);
Answer<void> eth_block_number(Call& call);
Answer<void> eth_syncing(Call& call);
Answer<void> eth_coinbase(Call& call);
Answer<void> eth_mining(Call& call);
Answer<void> eth_hashrate(Call& call);
Answer<void> eth_accounts(Call& call);
Answer<void> eth_capabilities(Call& call);

// eth_config.cpp
Answer<void> eth_config(Call& call);

// eth_fees.cpp
Answer<void> eth_gas_price(Call& call);
Answer<void> eth_max_priority_fee_per_gas(Call& call);
Answer<void> eth_base_fee(Call& call);
Answer<void> eth_blob_base_fee(Call& call);
Answer<void> eth_fee_history(Call& call);

// eth_logs.cpp
Answer<void> eth_get_logs(Call& call);
Answer<void> eth_new_filter(Call& call);
Answer<void> eth_new_block_filter(Call& call);
Answer<void> eth_new_pending_transaction_filter(Call& call);
Answer<void> eth_uninstall_filter(Call& call);
Answer<void> eth_get_filter_changes(Call& call);
Answer<void> eth_get_filter_logs(Call& call);

// eth_send.cpp
Answer<void> eth_send_raw_transaction(Call& call);
Answer<void> eth_send_raw_transaction_sync(Call& call);

// eth_sign.cpp
Answer<void> eth_send_transaction(Call& call);
Answer<void> eth_sign_transaction(Call& call);
Answer<void> eth_fill_transaction(Call& call);
Answer<void> eth_sign(Call& call);
Answer<void> personal_sign(Call& call);
Answer<void> eth_sign_typed_data_v4(Call& call);

// eth_simulate.cpp
Answer<void> eth_call(Call& call);
Answer<void> eth_estimate_gas(Call& call);
Answer<void> eth_create_access_list(Call& call);
Answer<void> eth_simulate_v1(Call& call);

// eth_state.cpp
Answer<void> eth_get_balance(Call& call);
Answer<void> eth_get_transaction_count(Call& call);
Answer<void> eth_get_code(Call& call);
Answer<void> eth_get_storage_at(Call& call);
Answer<void> eth_get_storage_values(Call& call);
Answer<void> eth_get_proof(Call& call);
Answer<void> eth_get_account(Call& call);
Answer<void> eth_get_account_info(Call& call);

// eth_subscribe.cpp
Answer<void> eth_subscribe(Call& call);
Answer<void> eth_unsubscribe(Call& call);

// eth_transactions.cpp
Answer<void> eth_get_transaction_by_hash(Call& call);
Answer<void> eth_get_raw_transaction_by_hash(Call& call);
Answer<void> eth_get_transaction_by_sender_and_nonce(Call& call);
Answer<void> eth_get_transaction_by_block_number_and_index(Call& call);
Answer<void> eth_get_transaction_by_block_hash_and_index(Call& call);
Answer<void> eth_get_raw_transaction_by_block_number_and_index(Call& call);
Answer<void> eth_get_raw_transaction_by_block_hash_and_index(Call& call);
Answer<void> eth_get_transaction_receipt(Call& call);
Answer<void> eth_get_block_receipts(Call& call);

// testing.cpp
Answer<void> testing_build_block(Call& call);

// txpool.cpp
Answer<void> txpool_content(Call& call);
Answer<void> txpool_inspect(Call& call);
Answer<void> txpool_content_from(Call& call);
Answer<void> txpool_status(Call& call);

// valence_da.cpp
Answer<void> valence_da_status(Call& call);
Answer<void> valence_get_block_da(Call& call);
Answer<void> valence_get_block_da_proof(Call& call);

// valence_inference.cpp
Answer<void> valence_get_block_body(Call& call);
Answer<void> valence_get_genesis(Call& call);
Answer<void> valence_get_outcomes(Call& call);
Answer<void> valence_verify_proofs(Call& call);
Answer<void> valence_get_transaction_outcomes(Call& call);
Answer<void> valence_job(Call& call);
Answer<void> valence_modes(Call& call);
Answer<void> valence_quote(Call& call);
// valence_models.cpp
Answer<void> valence_model(Call& call);
Answer<void> valence_models(Call& call);
Answer<void> valence_get_model_manifest(Call& call);
Answer<void> valence_get_model_chunk(Call& call);

// valence_uploads.cpp
Answer<void> valence_model_upload_begin(Call& call);
Answer<void> valence_model_upload_chunk(Call& call);
Answer<void> valence_model_upload_finish(Call& call);

// web3_net.cpp
Answer<void> web3_client_version(Call& call);
Answer<void> web3_sha3(Call& call);
Answer<void> net_version(Call& call);
Answer<void> net_listening(Call& call);
Answer<void> net_peer_count(Call& call);
Answer<void> rpc_modules(Call& call);

}  // namespace valence::rpc
