#include "valence/sequencer/pool_rules.hpp"

#include "valence/chain/validate_transaction.hpp"
#include "valence/sequencer/pool_error.hpp"

namespace valence::sequencer {
namespace {

using chain::ChainError;

}  // namespace

Result<void> check_alone(const PoolTransaction& pooled, const chain::RuleSet& rules,
                         const MempoolLimits& limits, const NextBlock& next) {
    const auto& transaction = pooled.transaction;
    if (pooled.encoded.size() > limits.transaction_bytes) {
        return Error{PoolError::oversized, "transaction size " + std::to_string(pooled.encoded.size()) +
                                               ", limit " + std::to_string(limits.transaction_bytes)};
    }
    // The pool's own bound where compute parts count towards no block: nobody needs more in one transaction.
    if (transaction.gas_limit > next.gas_limit) {
        return Error{PoolError::exceeds_block_gas_limit,
                     "tx gas limit " + std::to_string(transaction.gas_limit) + ", block gas limit " +
                         std::to_string(next.gas_limit)};
    }
    // The base fee never falls so low: it would wait for ever, and cost its sender nothing.
    const auto lowest_fee = std::min(rules.min_base_fee, next.base_fee);
    if (transaction.max_fee_per_gas < lowest_fee) {
        return Error{ChainError::fee_cap_below_base_fee,
                     "address " + base::to_hex_prefixed(pooled.sender) + ", maxFeePerGas: " +
                         transaction.max_fee_per_gas.to_decimal() + ", baseFee: " + lowest_fee.to_decimal()};
    }
    const auto revision = rules.revision(next.number, next.timestamp);
    return chain::validate_transaction(
        rules, revision, transaction,
        chain::max_blobs_per_transaction(rules, revision, next.number, next.timestamp));
}

Result<void> check_against_account(const PoolTransaction& pooled, const state::Account& account,
                                   const state::StateReader& state) {
    const auto nonce = pooled.transaction.nonce;
    if (nonce < account.nonce) {
        return Error{ChainError::nonce_too_low,
                     "next nonce " + std::to_string(account.nonce) + ", tx nonce " + std::to_string(nonce)};
    }
    if (account.code_hash != state::kEmptyCodeHash && pooled.authorisation == Authorisation::signature) {
        const auto code = state.code(account.code_hash);
        if (code == nullptr || !chain::delegation_target(*code)) {
            return Error{ChainError::sender_has_code,
                         "address " + base::to_hex_prefixed(pooled.sender) +
                             ", codehash: " + base::to_hex_prefixed(account.code_hash)};
        }
    }
    return success();
}

}  // namespace valence::sequencer
