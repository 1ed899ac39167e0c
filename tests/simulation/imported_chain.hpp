// The chain of the rpc-compat exchanges, imported in memory: headers and states of all its blocks.
#pragma once

#include <filesystem>
#include <vector>

#include "valence/chain/genesis.hpp"
#include "valence/rpc/simulation/base.hpp"
#include "valence/state/memory_state.hpp"

namespace valence::rpc::simulation {

class ImportedChain final : public chain::BlockHashes {
public:
    /// From genesis.json and chain.rlp of the folder.
    static Result<std::unique_ptr<ImportedChain>> load(const std::filesystem::path& folder);

    std::uint64_t head() const { return blocks_.size() - 1; }
    bool has(std::uint64_t number) const { return number < blocks_.size(); }
    Base base(std::uint64_t number) const {
        return {rules_, blocks_[number].header, states_[number], *this, {}};
    }
    const chain::Block& block(std::uint64_t number) const { return blocks_[number]; }
    const state::MemoryState& state(std::uint64_t number) const { return states_[number]; }
    Hash block_hash(std::uint64_t number) const override {
        return has(number) ? chain::header_hash(blocks_[number].header) : Hash{};
    }

private:
    Result<void> import(chain::Block block);

    chain::RuleSet rules_;
    std::vector<chain::Block> blocks_;
    std::vector<state::MemoryState> states_;
};

}  // namespace valence::rpc::simulation
