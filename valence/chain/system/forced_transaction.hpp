// Forced transactions: what users put into the data-availability layer themselves, and a block owes when its
// reference has come far enough. They are ordinary transactions, in the block's order behind the system's.
#pragma once

#include <span>

#include "valence/chain/block.hpp"

namespace valence::chain {

class BlockExecution;

struct ForcedTransaction {
    Transaction transaction;
    /// Who signed it.
    Address sender;

    bool operator==(const ForcedTransaction&) const = default;
};

/// Whether a transaction that is due cannot be in the block at its place for what it breaks itself (a nonce,
/// funds, fees), so that the block owes it no longer. Anything else (an outcome that is missing) is the
/// block's.
bool is_skipped(const Error& why);

/// Runs what is due, from the block's transaction number `first` on, and compares: each of them is there, in
/// their order, but those that break a rule at their place. Answers how many are there. Errors:
/// forced_transaction_missing, gas_above_block_limit when the block has no room for all, and those of a run
/// that was abandoned.
Result<std::size_t> execute_forced_transactions(const Block& block, std::size_t first,
                                                std::span<const ForcedTransaction> due,
                                                BlockExecution& execution);

/// Error: gas_above_block_limit.
Result<void> require_room(std::span<const ForcedTransaction> due, const BlockExecution& execution);

}  // namespace valence::chain
