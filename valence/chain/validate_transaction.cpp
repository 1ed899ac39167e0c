#include "valence/chain/validate_transaction.hpp"

#include "valence/chain/intrinsic_gas.hpp"
#include "valence/crypto/checksummed_address.hpp"

namespace valence::chain {
namespace {

using evm::Revision;
/// EIP-7594
constexpr std::uint64_t kBlobsPerTransaction = 6;
/// EIP-4844: the first byte of a blob's versioned hash.
constexpr std::uint8_t kKzgVersion = 0x01;

std::string decimal(std::uint64_t n) { return std::to_string(n); }

/// The first fork a type exists in.
constexpr Revision since(TransactionType type) {
    switch (type) {
        case TransactionType::legacy:
            return Revision::frontier;
        case TransactionType::access_list:
            return Revision::berlin;
        case TransactionType::dynamic_fee:
            return Revision::london;
        case TransactionType::blob:
            return Revision::cancun;
        case TransactionType::set_code:
        case TransactionType::system:
            return Revision::prague;
    }
    return Revision::frontier;
}

Result<void> validate_signature(const RuleSet& rules, Revision revision, const Transaction& t) {
    if (t.chain_id && *t.chain_id != rules.chain_id) {
        return Error{ChainError::chain_id_mismatch,
                     "have " + decimal(*t.chain_id) + " want " + decimal(rules.chain_id)};
    }
    if (t.type == TransactionType::legacy && t.chain_id && revision < Revision::spurious_dragon) {
        return Error{ChainError::replay_protection_unsupported};
    }
    // EIP-2: a high s is invalid from Homestead on.
    if (revision >= Revision::homestead && t.signature.s > crypto::kSecp256k1HalfOrder) {
        return Error{ChainError::signature_invalid, "s in the upper half of its range"};
    }
    return success();
}

Result<void> validate_gas(const RuleSet& rules, Revision revision, const Transaction& t) {
    const auto gas = intrinsic_gas(t, revision);
    // What is above the cap on execution pays compute parts, and nothing else.
    const auto available = execution_gas_limit(rules, revision, t.gas_limit);
    if (available < gas.cost) {
        return Error{ChainError::intrinsic_gas_too_low,
                     "have " + decimal(available) + ", want " + decimal(gas.cost)};
    }
    if (available < gas.floor) {
        return Error{ChainError::floor_data_gas_too_low,
                     "have " + decimal(available) + ", want " + decimal(gas.floor)};
    }
    if (revision >= Revision::shanghai && t.is_creation() && t.data.size() > rules.limits.init_code_size) {
        return Error{ChainError::init_code_too_large, "code size " + decimal(t.data.size()) + " limit " +
                                                          decimal(rules.limits.init_code_size)};
    }
    const auto most = rules.inference ? kComputeGasCap : kTransactionGasCap;
    if (revision >= Revision::osaka && t.gas_limit > most) {
        return Error{ChainError::gas_above_transaction_cap,
                     "(cap: " + decimal(most) + ", tx: " + decimal(t.gas_limit) + ")"};
    }
    return success();
}

Result<void> validate_blobs(const RuleSet& rules, const Transaction& t, std::uint64_t max_blobs) {
    if (rules.blob_transactions == BlobTransactions::refused)
        return Error{ChainError::blob_transactions_refused};
    if (t.is_creation()) return Error{ChainError::blob_creates_contract};
    if (t.blob_hashes.empty()) return Error{ChainError::blob_hashes_missing};
    if (t.blob_hashes.size() > max_blobs) {
        return Error{ChainError::too_many_blobs,
                     "have " + decimal(t.blob_hashes.size()) + ", permitted " + decimal(max_blobs)};
    }
    for (std::size_t i = 0; i < t.blob_hashes.size(); ++i) {
        if (t.blob_hashes[i][0] != kKzgVersion) {
            return Error{ChainError::blob_hash_version, "blob " + decimal(i) + " version " +
                                                            decimal(t.blob_hashes[i][0]) + ", supported: 1"};
        }
    }
    return success();
}

}  // namespace

std::uint64_t execution_gas_limit(const RuleSet& rules, Revision revision, std::uint64_t gas_limit) {
    const bool is_capped = rules.inference && revision >= Revision::osaka;
    return is_capped ? std::min(gas_limit, kTransactionGasCap) : gas_limit;
}

Result<void> validate_transaction(const RuleSet& rules, Revision revision, const Transaction& t,
                                  std::uint64_t max_blobs) {
    // A block's rules derive them; nobody sends one.
    if (t.is_system()) return Error{ChainError::transaction_type_unsupported};
    if (revision < since(t.type)) return Error{ChainError::transaction_type_unsupported};
    BOOST_OUTCOME_TRYV(validate_signature(rules, revision, t));
    // EIP-2681
    if (t.nonce == ~std::uint64_t{0}) return Error{ChainError::nonce_at_maximum};
    if (t.max_priority_fee_per_gas > t.max_fee_per_gas) {
        return Error{ChainError::tip_above_fee_cap,
                     "maxPriorityFeePerGas: " + t.max_priority_fee_per_gas.to_decimal() +
                         ", maxFeePerGas: " + t.max_fee_per_gas.to_decimal()};
    }
    if (t.type == TransactionType::blob) {
        BOOST_OUTCOME_TRYV(validate_blobs(rules, t, max_blobs));
    }
    if (t.type == TransactionType::set_code) {
        if (t.is_creation()) return Error{ChainError::set_code_creates_contract};
        if (t.authorizations.empty()) return Error{ChainError::authorization_list_empty};
    }
    return validate_gas(rules, revision, t);
}

Result<void> validate_fees(const Transaction& t, const Address& sender, const FeeMarket& fees) {
    if (t.max_fee_per_gas < fees.base_fee) {
        return Error{ChainError::fee_cap_below_base_fee,
                     "address " + crypto::checksummed_address(sender) + ", maxFeePerGas: " +
                         t.max_fee_per_gas.to_decimal() + ", baseFee: " + fees.base_fee.to_decimal()};
    }
    // Simulations may give blobs to a transaction of any type.
    const bool has_blobs = t.type == TransactionType::blob || !t.blob_hashes.empty();
    if (has_blobs && t.max_fee_per_blob_gas < fees.blob_base_fee) {
        return Error{ChainError::blob_fee_cap_too_low,
                     "address " + crypto::checksummed_address(sender) +
                         " blobGasFeeCap: " + t.max_fee_per_blob_gas.to_decimal() +
                         ", blobBaseFee: " + fees.blob_base_fee.to_decimal()};
    }
    return success();
}

Result<void> validate_sender(const Transaction& t, const Address& sender, const state::Account& account,
                             BytesView sender_code) {
    if (t.nonce < account.nonce) {
        return Error{ChainError::nonce_too_low,
                     "next nonce " + decimal(account.nonce) + ", tx nonce " + decimal(t.nonce)};
    }
    if (t.nonce > account.nonce) {
        return Error{ChainError::nonce_too_high, "address " + crypto::checksummed_address(sender) + ", tx: " +
                                                     decimal(t.nonce) + " state: " + decimal(account.nonce)};
    }
    if (!sender_code.empty() && !delegation_target(sender_code)) {
        return Error{ChainError::sender_has_code,
                     "address " + crypto::checksummed_address(sender) +
                         ", codehash: " + base::to_hex_prefixed(account.code_hash)};
    }
    const auto cost = maximum_cost(t);
    if (!cost || *cost > account.balance) {
        return Error{ChainError::insufficient_funds,
                     "address " + crypto::checksummed_address(sender) + " have " +
                         account.balance.to_decimal() + " want " +
                         (cost ? cost->to_decimal() : "more than 256 bits hold")};
    }
    return success();
}

std::optional<U256> maximum_cost(const Transaction& t) {
    const auto gas = base::mul_overflow(U256{t.gas_limit}, t.max_fee_per_gas);
    const auto blobs = base::mul_overflow(U256{blob_gas(t)}, t.max_fee_per_blob_gas);
    const auto with_value = base::add_overflow(gas.value, t.value);
    const auto total = base::add_overflow(with_value.value, blobs.value);
    if (gas.overflow || blobs.overflow || with_value.overflow || total.overflow) return std::nullopt;
    return total.value;
}

std::uint64_t max_blobs_per_transaction(const RuleSet& rules, Revision revision, std::uint64_t number,
                                        std::uint64_t timestamp) {
    const auto blobs = rules.blobs_at(number, timestamp);
    if (!blobs) return 0;
    return revision >= Revision::osaka ? std::min(blobs->max, kBlobsPerTransaction) : blobs->max;
}

std::optional<Address> delegation_target(BytesView code) {
    constexpr std::uint8_t kPrefix[] = {0xef, 0x01, 0x00};
    if (code.size() != 23 || !base::equal(code.first(3), kPrefix)) return std::nullopt;
    return base::from_exact<Address>(code.subspan(3));
}

}  // namespace valence::chain
