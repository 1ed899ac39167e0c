// Forced transactions: what users put into the data-availability layer themselves, and a block owes when its
// reference has come far enough. They are ordinary transactions, in the block's order behind the system's.
//
// Each is run at its place as long as those before it used less than half of forcedGas; none may use more
// than that half. What breaks a rule there (nonce, funds, fee) is skipped, and takes nothing from anybody:
// only gas that was paid for does. What is left over is owed by the next block, and the block may only refer
// so far that nothing is left over which was due below its reference.
#pragma once

#include <optional>
#include <span>

#include "valence/chain/block.hpp"
#include "valence/chain/system/layer_rules.hpp"

namespace valence::chain {

class BlockExecution;

struct ForcedTransaction {
    Transaction transaction;
    /// Who signed it.
    Address sender;
    /// The height of the layer with which it is due.
    std::uint64_t due = 0;

    bool operator==(const ForcedTransaction&) const = default;
};

/// Whether a transaction that is due cannot be in the block at its place for what it breaks itself (a nonce,
/// funds, fees), so that the block owes it no longer. Anything else (an outcome that is missing) is the
/// block's.
bool is_skipped(const Error& why);

/// Gas that one may use at most; and with so much used none has its turn in a block any more.
inline std::uint64_t most_forced_gas(const LayerRules& rules) { return rules.forced_gas / 2; }

/// The turns of a block's forced transactions, for whoever builds or checks it.
class ForcedTurns {
public:
    /// From where the execution stands on, behind the system transactions. Both outlive this; the rules name
    /// a layer where anything is due.
    ForcedTurns(std::span<const ForcedTransaction> due, BlockExecution& execution);

    /// The next one, to be run or skipped; null when none is left or has its turn. Error:
    /// gas_above_block_limit when the block has less room than the rules promise.
    Result<const ForcedTransaction*> next();
    /// When that which is left over first was due; nothing where nothing is left over.
    std::optional<std::uint64_t> left_over() const;

private:
    std::span<const ForcedTransaction> rest_;
    BlockExecution& execution_;
    const std::uint64_t before_;
};

/// Runs what is due, from the block's transaction number `first` on, and compares: each that has its turn is
/// there, in their order, but those that break a rule at their place. Answers how many are there. Errors:
/// forced_transaction_missing, also where something is left over that was due below the block's reference;
/// gas_above_block_limit; and those of a run that was abandoned.
Result<std::size_t> execute_forced_transactions(const Block& block, std::size_t first,
                                                std::span<const ForcedTransaction> due,
                                                BlockExecution& execution);

/// What a block's forced transactions hash to; zero of none. What a block was checked with.
Hash commitment_of(std::span<const ForcedTransaction> due);

}  // namespace valence::chain
