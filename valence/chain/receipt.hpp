// Receipt: what a transaction left behind, as the receipts root holds it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "valence/chain/transaction.hpp"
#include "valence/evm/message.hpp"

namespace valence::chain {

/// A 2,048-bit Bloom filter over log addresses and topics (yellow paper, section 4.3.1).
struct Bloom : base::FixedBytes<256> {
    using FixedBytes::FixedBytes;
    constexpr auto operator<=>(const Bloom&) const = default;

    /// Sets the three bits of an address or topic.
    void add(BytesView item);
    /// False when the item was certainly not added.
    bool may_contain(BytesView item) const;
    Bloom& operator|=(const Bloom& other);
};

Bloom logs_bloom(std::span<const evm::Log> logs);

struct Receipt {
    TransactionType type = TransactionType::legacy;
    /// Since Byzantium (EIP-658); before, `post_state` stands in its place.
    bool succeeded = true;
    std::optional<Hash> post_state;
    /// Of the block up to and with this transaction.
    std::uint64_t cumulative_gas_used = 0;
    Bloom bloom;
    std::vector<evm::Log> logs;
    /// Of a system transaction: its sender's nonce before it.
    std::optional<std::uint64_t> deposit_nonce;

    bool operator==(const Receipt&) const = default;
};

/// The version of a system transaction's receipt, as the OP Stack counts them.
inline constexpr std::uint64_t kDepositReceiptVersion = 1;

/// The canonical form (EIP-2718): an RLP list for legacy, type byte and RLP list for the others. A system
/// transaction's ends with its nonce and kDepositReceiptVersion.
Bytes encode_receipt(const Receipt& receipt);
Result<Receipt> decode_receipt(BytesView bytes);

/// keccak256 of the RLP list of logs, as state tests give it.
Hash logs_hash(std::span<const evm::Log> logs);

}  // namespace valence::chain
