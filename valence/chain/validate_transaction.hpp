// validate_transaction: the rules a transaction must keep to be in a block. In two parts, so that a mempool
// can apply what needs no state when a transaction arrives and the rest when it matters.
#pragma once

#include "valence/chain/rule_set.hpp"
#include "valence/chain/transaction.hpp"
#include "valence/state/reader.hpp"

namespace valence::chain {

/// What a transaction meets in the block it is to be in.
struct FeeMarket {
    /// 0 before London.
    U256 base_fee;
    /// 0 before Cancun.
    U256 blob_base_fee;
};

/// Rules on the transaction alone, under a fork: type, chain id, signature range, fee caps, intrinsic gas,
/// init code size, blobs, authorizations, gas cap (EIP-2, 155, 1559, 2681, 2718, 2930, 3860, 4844, 7623,
/// 7702, 7825). `max_blobs` is a transaction's limit: the block's, or 6 from Osaka on (EIP-7594).
Result<void> validate_transaction(const RuleSet& rules, evm::Revision revision,
                                  const Transaction& transaction, std::uint64_t max_blobs);

/// How much of a gas limit execution may use: all, but where contracts can call models no more than EIP-7825
/// allows a transaction; what is above pays for compute parts only.
std::uint64_t execution_gas_limit(const RuleSet& rules, evm::Revision revision, std::uint64_t gas_limit);

/// Rules on the fee caps in a given block. Error: fee_cap_below_base_fee, blob_fee_cap_too_low.
Result<void> validate_fees(const Transaction& transaction, const Address& sender, const FeeMarket& fees);

/// Rules on the sender's account: nonce, no code but a delegation (EIP-3607, EIP-7702), and funds for the
/// most the transaction can cost. `sender_code` is the account's code.
Result<void> validate_sender(const Transaction& transaction, const Address& sender,
                             const state::Account& account, BytesView sender_code);

/// The most a transaction can take from its sender: gas limit × fee cap + value + blob gas × blob fee cap;
/// nothing when that needs more than 256 bits.
std::optional<U256> maximum_cost(const Transaction& transaction);

/// Blobs one transaction may carry under these rules.
std::uint64_t max_blobs_per_transaction(const RuleSet& rules, evm::Revision revision, std::uint64_t number,
                                        std::uint64_t timestamp);

/// The account that a delegation (EIP-7702: 0xef0100 and an address) points to; nothing for any other code.
std::optional<Address> delegation_target(BytesView code);

}  // namespace valence::chain
