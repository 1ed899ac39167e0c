// The fallback block: what everybody puts in the place of a block that did not come in time. It follows from
// its parent, the header that it refers to and the forced transactions that are due: no pool, no compute
// nodes, no beacon. REPLAY is computed, every other outcome is not available, and nobody is paid.
#pragma once

#include "valence/sequencer/block_builder.hpp"

namespace valence::sequencer {

/// What a fallback block with this reference is to be; `gas_limit` is the genesis'.
BlockPlan fallback_plan(const chain::RuleSet& rules, SharedBlock parent,
                        std::shared_ptr<const state::StateReader> state, const chain::DaHeader& reference,
                        std::vector<chain::ForcedTransaction> due, std::uint64_t gas_limit);

/// Whether a block without a beacon has the header's fields that a fallback block has which refers to this.
/// Error: ChainError::fallback_wrong.
Result<void> check_fallback(const chain::Header& header, const chain::Header& parent,
                            const chain::DaHeader& reference, std::uint64_t gas_limit);

/// Runs it; BlockBuilder::seal sets its roots and its hash. Errors: model_missing when this node does not
/// have the file of a model that is called; those of BlockBuilder::execute.
Result<BuiltBlock> execute_fallback(const chain::RuleSet& rules, const chain::BlockHashes& hashes,
                                    const BlockPlan& plan, chain::ModelCatalogue& catalogue,
                                    outcome::ModelSource& models);

}  // namespace valence::sequencer
