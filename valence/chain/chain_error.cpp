#include "valence/chain/chain_error.hpp"

namespace valence::chain {
namespace {

const char* text(ChainError e) {
    switch (e) {
        case ChainError::transaction_type_unsupported:
            return "transaction type not supported";
        case ChainError::transaction_malformed:
            return "malformed transaction";
        case ChainError::signature_invalid:
            return "invalid transaction v, r, s values";
        case ChainError::chain_id_mismatch:
            return "invalid chain id for signer";
        case ChainError::replay_protection_unsupported:
            return "replay-protected transaction before EIP-155";

        case ChainError::gas_overflow:
            return "gas uint64 overflow";
        case ChainError::gas_above_block_limit:
            return "gas limit reached";
        case ChainError::gas_above_transaction_cap:
            return "transaction gas limit too high";
        case ChainError::intrinsic_gas_too_low:
            return "intrinsic gas too low";
        case ChainError::floor_data_gas_too_low:
            return "insufficient gas for floor data gas cost";
        case ChainError::init_code_too_large:
            return "max initcode size exceeded";
        case ChainError::tip_above_fee_cap:
            return "max priority fee per gas higher than max fee per gas";
        case ChainError::fee_cap_below_base_fee:
            return "max fee per gas less than block base fee";
        case ChainError::blob_transactions_refused:
            return "blob transactions are not accepted on this chain";
        case ChainError::blob_hashes_missing:
            return "blob transaction missing blob hashes";
        case ChainError::blob_hash_version:
            return "blob has invalid hash version";
        case ChainError::too_many_blobs:
            return "blob transaction has too many blobs";
        case ChainError::blob_creates_contract:
            return "blob transaction of type create";
        case ChainError::blob_fee_cap_too_low:
            return "max fee per blob gas less than block blob gas fee";
        case ChainError::authorization_list_empty:
            return "EIP-7702 transaction with empty auth list";
        case ChainError::set_code_creates_contract:
            return "EIP-7702 transaction cannot be used to create contract";

        case ChainError::nonce_too_low:
            return "nonce too low";
        case ChainError::nonce_too_high:
            return "nonce too high";
        case ChainError::nonce_at_maximum:
            return "nonce has max value";
        case ChainError::sender_has_code:
            return "sender not an eoa";
        case ChainError::insufficient_funds:
            return "insufficient funds for gas * price + value";

        case ChainError::unknown_parent:
            return "unknown ancestor";
        case ChainError::header_malformed:
            return "malformed header";
        case ChainError::header_field_missing:
            return "header lacks a field its fork requires";
        case ChainError::header_field_unexpected:
            return "header has a field its fork does not know";
        case ChainError::number_not_consecutive:
            return "invalid block number";
        case ChainError::timestamp_too_old:
            return "timestamp older than parent";
        case ChainError::extra_data_size:
            return "extra-data of wrong size";
        case ChainError::gas_limit_out_of_bounds:
            return "invalid gas limit";
        case ChainError::gas_used_above_limit:
            return "invalid gasUsed";
        case ChainError::base_fee_wrong:
            return "invalid baseFee";
        case ChainError::difficulty_wrong:
            return "invalid difficulty";
        case ChainError::nonce_not_zero:
            return "invalid nonce";
        case ChainError::ommers_not_empty:
            return "uncles not allowed";
        case ChainError::dao_extra_data:
            return "bad DAO pro-fork extra-data";
        case ChainError::excess_blob_gas_wrong:
            return "invalid excessBlobGas";
        case ChainError::blob_gas_used_above_limit:
            return "blob gas used exceeds maximum allowance";
        case ChainError::blob_gas_used_wrong:
            return "blob gas used mismatch";
        case ChainError::parent_is_merged:
            return "proof-of-work block after the merge";
        case ChainError::terminal_difficulty_not_reached:
            return "merged block before the terminal difficulty";

        case ChainError::beacon_missing:
            return "the block carries no beacon";
        case ChainError::beacon_unexpected:
            return "the block carries a beacon, which this chain has not";
        case ChainError::beacon_invalid:
            return "the beacon is not the sequencer's signature on the block's number";
        case ChainError::beacon_mix_wrong:
            return "the mix hash is not made of the block's beacon";

        case ChainError::block_malformed:
            return "malformed block";
        case ChainError::block_too_large:
            return "block RLP-encoded size exceeds maximum";
        case ChainError::transactions_root_wrong:
            return "transaction root hash mismatch";
        case ChainError::ommers_hash_wrong:
            return "uncle root hash mismatch";
        case ChainError::withdrawals_root_wrong:
            return "withdrawals root hash mismatch";
        case ChainError::withdrawals_missing:
            return "missing withdrawals in block body";
        case ChainError::withdrawals_unexpected:
            return "withdrawals present in block body";
        case ChainError::too_many_ommers:
            return "too many uncles";
        case ChainError::ommer_duplicate:
            return "duplicate uncle";
        case ChainError::ommer_is_ancestor:
            return "uncle is ancestor";
        case ChainError::ommer_unrelated:
            return "uncle's parent is not ancestor";
        case ChainError::ommer_invalid:
            return "invalid uncle";

        case ChainError::gas_used_wrong:
            return "invalid gas used";
        case ChainError::receipts_root_wrong:
            return "invalid receipt root hash";
        case ChainError::logs_bloom_wrong:
            return "invalid bloom";
        case ChainError::state_root_wrong:
            return "invalid merkle root";
        case ChainError::requests_hash_wrong:
            return "invalid requests hash";
        case ChainError::system_call_failed:
            return "system call failed to execute";
        case ChainError::deposit_log_malformed:
            return "unable to parse deposit data";
        case ChainError::transaction_abandoned:
            return "transaction needs an outcome that is not there";

        case ChainError::outcome_missing:
            return "a job's outcome is missing from the block";
        case ChainError::outcome_unused:
            return "the block carries an outcome that nothing used, or out of order";
        case ChainError::outcome_invalid:
            return "invalid outcome";
        case ChainError::outcomes_root_wrong:
            return "invalid outcomes root";
        case ChainError::reserve_touched:
            return "it would take what another transaction must pay its inferences with";
        case ChainError::model_missing:
            return "the file of a model is not here";

        case ChainError::system_transaction_missing:
            return "a system transaction that is due is missing";
        case ChainError::system_transaction_wrong:
            return "a system transaction is not the one that the rules derive";
        case ChainError::system_transaction_unexpected:
            return "a system transaction that is not due";
        case ChainError::da_header_wrong:
            return "invalid header of the data-availability layer";
        case ChainError::da_header_unknown:
            return "the data-availability layer is not known far enough";
        case ChainError::forced_transaction_missing:
            return "forced transaction missing";
        case ChainError::fallback_wrong:
            return "neither a beacon nor a fallback block";

        case ChainError::genesis_malformed:
            return "malformed genesis file";
    }
    return "unknown error";
}

class ChainErrorCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "chain"; }
    std::string message(int code) const override { return text(static_cast<ChainError>(code)); }
};

}  // namespace

std::error_code make_error_code(ChainError e) {
    static const ChainErrorCategory category;
    return {static_cast<int>(e), category};
}

}  // namespace valence::chain
