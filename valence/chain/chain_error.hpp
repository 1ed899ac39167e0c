// ChainError: every rule that a transaction, a block or a genesis file can break. Messages are those geth's
// users know (its errors name the same conditions); the context carries the values.
#pragma once

#include <system_error>

#include "valence/base/base.hpp"

namespace valence::chain {

enum class ChainError {
    // ---- Transactions: decoding and signature
    transaction_type_unsupported = 1,
    transaction_malformed,
    signature_invalid,
    chain_id_mismatch,
    replay_protection_unsupported,

    // ---- Transactions: rules that need no state
    gas_overflow,
    gas_above_block_limit,
    gas_above_transaction_cap,
    intrinsic_gas_too_low,
    floor_data_gas_too_low,
    init_code_too_large,
    tip_above_fee_cap,
    fee_cap_below_base_fee,
    blob_transactions_refused,
    blob_hashes_missing,
    blob_hash_version,
    too_many_blobs,
    blob_creates_contract,
    blob_fee_cap_too_low,
    authorization_list_empty,
    set_code_creates_contract,

    // ---- Transactions: rules on the sender's account
    nonce_too_low,
    nonce_too_high,
    nonce_at_maximum,
    sender_has_code,
    insufficient_funds,

    // ---- Headers
    unknown_parent,
    header_malformed,
    header_field_missing,
    header_field_unexpected,
    number_not_consecutive,
    timestamp_too_old,
    extra_data_size,
    gas_limit_out_of_bounds,
    gas_used_above_limit,
    base_fee_wrong,
    difficulty_wrong,
    nonce_not_zero,
    ommers_not_empty,
    dao_extra_data,
    excess_blob_gas_wrong,
    blob_gas_used_above_limit,
    blob_gas_used_wrong,
    parent_is_merged,
    terminal_difficulty_not_reached,

    // ---- Beacons
    beacon_missing,
    beacon_unexpected,
    beacon_invalid,
    beacon_mix_wrong,

    // ---- Bodies
    block_malformed,
    block_too_large,
    transactions_root_wrong,
    ommers_hash_wrong,
    withdrawals_root_wrong,
    withdrawals_missing,
    withdrawals_unexpected,
    too_many_ommers,
    ommer_duplicate,
    ommer_is_ancestor,
    ommer_unrelated,
    ommer_invalid,

    // ---- What executing a block must give
    gas_used_wrong,
    receipts_root_wrong,
    logs_bloom_wrong,
    state_root_wrong,
    requests_hash_wrong,
    system_call_failed,
    deposit_log_malformed,
    transaction_abandoned,

    // ---- Outcomes that a block carries
    outcome_missing,
    outcome_unused,
    outcome_invalid,
    outcomes_root_wrong,
    /// This node does not have the file of a model that the block calls: no verdict on the block.
    model_missing,
    /// The sequencer's own: it would take what a transaction that waits for an outcome must pay with.
    reserve_touched,

    // ---- System transactions
    /// One that is due is not in the block.
    system_transaction_missing,
    /// Not the one that the rules derive.
    system_transaction_wrong,
    /// One that is not due, or behind others than system transactions.
    system_transaction_unexpected,
    da_header_wrong,
    /// The header that the next block would refer to is not known here (yet).
    da_header_unknown,
    /// A transaction that users put into the layer is due and not at its place.
    forced_transaction_missing,
    /// A block without a beacon that is not what everybody derives in place of one that did not come.
    fallback_wrong,

    // ---- Genesis files
    genesis_malformed,
};

std::error_code make_error_code(ChainError);

}  // namespace valence::chain

template <>
struct std::is_error_code_enum<valence::chain::ChainError> : std::true_type {};
