#include "exceptions.hpp"

#include "valence/chain/chain_error.hpp"
#include "valence/codec/rlp.hpp"

namespace valence::conformance {
namespace {

using chain::ChainError;

/// One row for each pair: names of either side may occur more than once.
struct Row {
    std::string_view name;
    ChainError error;
};
constexpr Row kRows[] = {
    {"TYPE_NOT_SUPPORTED", ChainError::transaction_type_unsupported},
    {"TYPE_1_TX_PRE_FORK", ChainError::transaction_type_unsupported},
    {"TYPE_2_TX_PRE_FORK", ChainError::transaction_type_unsupported},
    {"TYPE_3_TX_PRE_FORK", ChainError::transaction_type_unsupported},
    {"TYPE_4_TX_PRE_FORK", ChainError::transaction_type_unsupported},
    {"INTRINSIC_GAS_TOO_LOW", ChainError::intrinsic_gas_too_low},
    {"INTRINSIC_GAS_TOO_LOW", ChainError::floor_data_gas_too_low},
    {"INTRINSIC_GAS_BELOW_FLOOR_GAS_COST", ChainError::floor_data_gas_too_low},
    {"INTRINSIC_GAS_BELOW_FLOOR_GAS_COST", ChainError::intrinsic_gas_too_low},
    {"INSUFFICIENT_ACCOUNT_FUNDS", ChainError::insufficient_funds},
    {"GASLIMIT_PRICE_PRODUCT_OVERFLOW", ChainError::insufficient_funds},
    {"INITCODE_SIZE_EXCEEDED", ChainError::init_code_too_large},
    {"TYPE_3_TX_BLOB_COUNT_EXCEEDED", ChainError::too_many_blobs},
    {"TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED", ChainError::blob_gas_used_above_limit},
    {"TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED", ChainError::too_many_blobs},
    {"TYPE_3_TX_ZERO_BLOBS", ChainError::blob_hashes_missing},
    {"TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH", ChainError::blob_hash_version},
    {"TYPE_3_TX_CONTRACT_CREATION", ChainError::blob_creates_contract},
    {"RLP_WITHDRAWALS_NOT_READ", ChainError::withdrawals_missing},
    {"INSUFFICIENT_MAX_FEE_PER_BLOB_GAS", ChainError::blob_fee_cap_too_low},
    {"TYPE_4_EMPTY_AUTHORIZATION_LIST", ChainError::authorization_list_empty},
    {"TYPE_4_TX_CONTRACT_CREATION", ChainError::set_code_creates_contract},
    {"GAS_LIMIT_EXCEEDS_MAXIMUM", ChainError::gas_above_transaction_cap},
    {"INSUFFICIENT_MAX_FEE_PER_GAS", ChainError::fee_cap_below_base_fee},
    {"SENDER_NOT_EOA", ChainError::sender_has_code},
    {"NONCE_IS_MAX", ChainError::nonce_at_maximum},
    {"NONCE_TOO_BIG", ChainError::nonce_at_maximum},
    {"NONCE_MISMATCH_TOO_LOW", ChainError::nonce_too_low},
    {"NONCE_MISMATCH_TOO_HIGH", ChainError::nonce_too_high},
    {"GAS_ALLOWANCE_EXCEEDED", ChainError::gas_above_block_limit},
    {"PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS", ChainError::tip_above_fee_cap},
    {"INVALID_SIGNATURE_VRS", ChainError::signature_invalid},
    {"EC_RECOVERY_FAIL", ChainError::signature_invalid},
    {"INVALID_CHAINID", ChainError::chain_id_mismatch},
    {"INVALID_CHAINID", ChainError::replay_protection_unsupported},
    // The v of a legacy transaction is signature and chain id at once.
    {"INVALID_CHAINID", ChainError::signature_invalid},
    {"INVALID_SIGNATURE_VRS", ChainError::chain_id_mismatch},
    {"INVALID_SIGNATURE_VRS", ChainError::replay_protection_unsupported},

    {"IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS", ChainError::ommers_not_empty},
    {"INCORRECT_EXCESS_BLOB_GAS", ChainError::excess_blob_gas_wrong},
    {"INCORRECT_BLOB_GAS_USED", ChainError::blob_gas_used_wrong},
    {"BLOB_GAS_USED_ABOVE_LIMIT", ChainError::blob_gas_used_above_limit},
    {"INVALID_GASLIMIT", ChainError::gas_limit_out_of_bounds},
    {"GASLIMIT_TOO_BIG", ChainError::gas_limit_out_of_bounds},
    {"INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT", ChainError::timestamp_too_old},
    {"UNKNOWN_PARENT", ChainError::unknown_parent},
    {"INVALID_GAS_USED", ChainError::gas_used_wrong},
    {"INVALID_GAS_USED", ChainError::gas_used_above_limit},
    {"GAS_USED_OVERFLOW", ChainError::gas_used_above_limit},
    {"GAS_USED_OVERFLOW", ChainError::gas_above_block_limit},
    {"IMPORT_IMPOSSIBLE_SHANGHAI", ChainError::header_field_missing},
    {"IMPORT_IMPOSSIBLE_SHANGHAI", ChainError::header_field_unexpected},
    {"IMPORT_IMPOSSIBLE_PARIS_OVER_SHANGHAI", ChainError::header_field_missing},
    {"IMPORT_IMPOSSIBLE_LEGACY_WRONG_PARENT", ChainError::header_field_missing},
    {"IMPORT_IMPOSSIBLE_LEGACY_WRONG_PARENT", ChainError::ommer_invalid},
    {"IMPORT_IMPOSSIBLE_LONDON_WRONG_PARENT", ChainError::header_field_unexpected},
    {"IMPORT_IMPOSSIBLE_LONDON_WRONG_PARENT", ChainError::ommer_invalid},
    {"IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS", ChainError::difficulty_wrong},
    {"IMPORT_IMPOSSIBLE_PARIS_WRONG_POS", ChainError::terminal_difficulty_not_reached},
    {"IMPORT_IMPOSSIBLE_PARIS_WRONG_POW", ChainError::parent_is_merged},
    {"EXTRA_DATA_TOO_BIG", ChainError::extra_data_size},
    {"EXTRA_DATA_INVALID_DAO", ChainError::dao_extra_data},
    {"INVALID_RECEIPTS_ROOT", ChainError::receipts_root_wrong},
    {"INVALID_STATE_ROOT", ChainError::state_root_wrong},
    {"INVALID_TRANSACTIONS_ROOT", ChainError::transactions_root_wrong},
    {"INVALID_WITHDRAWALS_ROOT", ChainError::withdrawals_root_wrong},
    {"INVALID_BLOCK_NUMBER", ChainError::number_not_consecutive},
    {"INVALID_BASEFEE_PER_GAS", ChainError::base_fee_wrong},
    {"INVALID_LOG_BLOOM", ChainError::logs_bloom_wrong},
    {"INVALID_DIFFICULTY", ChainError::difficulty_wrong},
    {"INVALID_REQUESTS", ChainError::requests_hash_wrong},
    {"INVALID_UNCLES_HASH", ChainError::ommers_hash_wrong},
    {"RLP_BLOCK_LIMIT_EXCEEDED", ChainError::block_too_large},
    {"SYSTEM_CONTRACT_CALL_FAILED", ChainError::system_call_failed},
    {"SYSTEM_CONTRACT_EMPTY", ChainError::system_call_failed},
    {"INVALID_DEPOSIT_EVENT_LAYOUT", ChainError::deposit_log_malformed},
    {"TOO_MANY_UNCLES", ChainError::too_many_ommers},
    {"UNCLE_IN_CHAIN", ChainError::ommer_duplicate},
    {"UNCLE_IS_ANCESTOR", ChainError::ommer_is_ancestor},
    {"UNCLE_IS_BROTHER", ChainError::ommer_unrelated},
    {"UNCLE_PARENT_INCORRECT", ChainError::ommer_unrelated},
    {"UNCLE_PARENT_INCORRECT", ChainError::ommer_invalid},
    {"UNCLE_UNKNOWN_PARENT", ChainError::ommer_unrelated},
};

/// Beginnings of names whose rule is the encoding itself, or may be.
constexpr std::string_view kEncodingNames[] = {
    "RLP_",           "INVALID_SIGNATURE_VRS", "TYPE_NOT_SUPPORTED",
    "ADDRESS_TOO_",   "GASLIMIT_OVERFLOW",     "GASPRICE_OVERFLOW",
    "NONCE_OVERFLOW", "PRIORITY_OVERFLOW"};

bool is_encoding_error(const Error& error) {
    return error.code.category() == make_error_code(codec::RlpError::truncated).category();
}

bool matches(std::string_view name, const Error& actual) {
    if (const auto dot = name.rfind('.'); dot != std::string_view::npos) name.remove_prefix(dot + 1);
    bool known = false;
    for (const auto& row : kRows) {
        if (row.name != name) continue;
        known = true;
        if (actual == Error{row.error}) return true;
    }
    for (const auto& prefix : kEncodingNames) {
        if (!name.starts_with(prefix)) continue;
        known = true;
        // Where the bytes make no item at all, there may be no type byte either.
        if (is_encoding_error(actual) || actual == Error{ChainError::transaction_malformed} ||
            actual == Error{ChainError::signature_invalid} ||
            actual == Error{ChainError::transaction_type_unsupported}) {
            return true;
        }
    }
    return !known;
}

}  // namespace

bool is_expected(std::string_view expected, const Error& actual) {
    while (true) {
        const auto bar = expected.find('|');
        if (matches(expected.substr(0, bar), actual)) return true;
        if (bar == std::string_view::npos) return false;
        expected.remove_prefix(bar + 1);
    }
}

}  // namespace valence::conformance
