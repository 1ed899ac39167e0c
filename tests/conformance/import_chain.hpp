// ImportedChain: a chain held in memory that takes in blocks in any order of branches and keeps the head.
#pragma once

#include "valence/chain/execute_block.hpp"
#include "valence/chain/validate_block.hpp"
#include "valence/state/memory_state.hpp"

namespace valence::conformance {

class ImportedChain final : public chain::Ancestry {
public:
    ImportedChain(chain::RuleSet rules, const chain::Block& genesis, state::MemoryState state);

    /// Validates and executes a block, which may become the head. Error: the rule it breaks.
    Result<void> import(const chain::Block& block);
    Result<void> import(BytesView rlp);

    const Hash& head() const { return head_; }
    const state::MemoryState& head_state() const { return *records_.at(head_).state; }
    const chain::Header& head_header() const { return records_.at(head_).block.header; }

    const chain::Block* block(const Hash& hash) const override;

private:
    struct Record {
        chain::Block block;
        U256 total_difficulty;
        std::shared_ptr<const state::MemoryState> state;
    };

    /// Geth's rule: more total difficulty, or as much in fewer blocks; past the terminal difficulty whatever
    /// came last, for there the beacon chain chooses.
    bool beats_head(std::uint64_t number, const U256& total_difficulty) const;

    chain::RuleSet rules_;
    std::map<Hash, Record> records_;
    Hash head_;
};

}  // namespace valence::conformance
