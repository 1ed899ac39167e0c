#include "valence/sequencer/planned_header.hpp"

#include "valence/chain/block_fees.hpp"

namespace valence::sequencer {
namespace {

/// Whether the block after `parent` is still one of proof of work: until the chain has the terminal
/// difficulty.
bool needs_difficulty(const chain::RuleSet& rules, const StoredBlock& parent) {
    if (!rules.terminal_total_difficulty) return true;
    const bool parent_is_merged = parent.number() > 0 && parent.block.header.difficulty.is_zero();
    return !parent_is_merged && parent.total_difficulty < *rules.terminal_total_difficulty;
}

}  // namespace

chain::Header planned_header(const chain::RuleSet& rules, const BlockPlan& plan) {
    const auto& parent = plan.parent->block.header;
    chain::Header header;
    header.parent_hash = plan.parent->hash;
    header.number = parent.number + 1;
    header.timestamp = plan.timestamp;
    header.gas_limit = plan.gas_limit;
    header.coinbase = plan.coinbase;
    if (needs_difficulty(rules, *plan.parent))
        header.difficulty = chain::next_difficulty(rules, parent, plan.timestamp);
    header.base_fee = plan.base_fee;
    header.mix_hash = plan.prev_randao;
    // Our chain's roots of outcomes have a fixed size; a block without outcomes has a root of zeros.
    header.extra_data = Bytes(rules.extra_data_size.value_or(0), 0);
    const auto active = [&](chain::Fork fork) {
        return rules.is_active(fork, header.number, header.timestamp);
    };
    if (active(chain::Fork::shanghai)) header.withdrawals_root = state::kEmptyTrieRoot;
    if (active(chain::Fork::cancun)) {
        header.blob_gas_used = 0;
        header.excess_blob_gas = chain::next_excess_blob_gas(rules, parent, header.timestamp);
        header.parent_beacon_block_root = Hash{};
    }
    if (active(chain::Fork::prague)) header.requests_hash = chain::kEmptyRequestsHash;
    return header;
}

Result<void> complete_block(StoredBlock& block, chain::BlockExecution& execution,
                            std::span<const Address> senders, std::span<const Hash> hashes,
                            const UsedOutcomes& used) {
    auto& header = block.block.header;
    BOOST_OUTCOME_TRY(auto result, execution.finish(block.block));
    header.gas_used = result.gas_used;
    header.logs_bloom = result.logs_bloom;
    if (header.blob_gas_used) header.blob_gas_used = result.blob_gas_used;
    if (header.requests_hash)
        header.requests_hash = chain::requests_hash(result.requests.value_or(std::vector<Bytes>{}));
    block.receipts = std::move(result.receipts);
    block.read_models = std::move(result.read_models);
    for (const auto& id : result.used_jobs)
        block.outcomes.push_back(*used(id));
    if (!block.outcomes.empty()) header.extra_data = base::to_bytes(outcome::outcomes_root(block.outcomes));
    block.facts = derive_facts(block.block, block.receipts, senders, hashes);
    return success();
}

}  // namespace valence::sequencer
