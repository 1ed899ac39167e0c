// StoredBlock: a block with all that readers ask about it. Immutable, shared between everybody who holds it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "valence/base/base.hpp"
#include "valence/chain/block.hpp"
#include "valence/chain/receipt.hpp"
#include "valence/chain/supplement.hpp"

namespace valence::sequencer {

/// What follows from a transaction's place in its block and is not in its receipt.
struct TransactionFacts {
    Hash hash;
    Address sender;
    /// Wei per gas actually paid (EIP-1559).
    U256 effective_gas_price;
    /// By this transaction alone.
    std::uint64_t gas_used = 0;
    /// Number, within the block, of its first log.
    std::uint64_t first_log_index = 0;
    /// Where a creation put its contract, whether it succeeded or not.
    std::optional<Address> contract_address;
};

struct StoredBlock {
    chain::Block block;
    Hash hash;
    /// Of the chain up to and including this block.
    U256 total_difficulty;
    /// One for each transaction; none of either in a block of a side chain, which is kept but not executed.
    std::vector<chain::Receipt> receipts;
    std::vector<TransactionFacts> facts;
    /// What contracts asked models in it, each job once, by first use; the header's extra data is their root.
    std::vector<outcome::Settled> outcomes;
    /// Models whose files executing it read, to check their weights.
    std::vector<ml::ModelId> read_models;
    /// The forced transactions that it was executed with (chain::commitment_of): zero where there were none,
    /// or none were known.
    Hash owed;
    /// What its mix hash is made of; nothing where the chain has no beacon, and in block 0.
    std::optional<crypto::bls::Signature> beacon;
    /// Bytes of the block's RLP.
    std::uint64_t rlp_size = 0;

    std::uint64_t number() const { return block.header.number; }
    chain::Supplement supplement() const { return {outcomes, beacon}; }
    /// The models whose files whoever verifies it needs: those that were read, and those of REPLAY outcomes.
    std::vector<ml::ModelId> needed_models() const;
    bool is_executed() const { return receipts.size() == block.transactions.size(); }
};

using SharedBlock = std::shared_ptr<const StoredBlock>;

/// The facts about a block's transactions, from what is known of each: its receipt, sender and hash, in
/// order.
std::vector<TransactionFacts> derive_facts(const chain::Block& block,
                                           std::span<const chain::Receipt> receipts,
                                           std::span<const Address> senders, std::span<const Hash> hashes);

/// Where a transaction is on the canonical chain.
struct TransactionLocation {
    std::uint64_t block_number = 0;
    std::uint32_t index = 0;
};

}  // namespace valence::sequencer
