// What blocks that are built have in common: the header before the transactions are chosen, and what
// executing them adds.
#pragma once

#include <functional>

#include "valence/chain/execute_block.hpp"
#include "valence/sequencer/block_builder.hpp"

namespace valence::sequencer {

/// Number, parent, times, fees and randomness as planned; roots, gas used and bloom are empty.
chain::Header planned_header(const chain::RuleSet& rules, const BlockPlan& plan);

/// The outcome of a job that the block used.
using UsedOutcomes = std::function<SharedOutcome(const outcome::JobId&)>;

/// Ends the execution of the block's transactions, and sets what it gave: receipts, outcomes, facts, and the
/// header but for its roots. Errors: those of BlockExecution::finish.
Result<void> complete_block(StoredBlock& block, chain::BlockExecution& execution,
                            std::span<const Address> senders, std::span<const Hash> hashes,
                            const UsedOutcomes& used);

}  // namespace valence::sequencer
