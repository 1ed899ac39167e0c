// What the state benchmark does: build a large state, then commit blocks on it and read from it.
#pragma once

#include "bench/state/figures.hpp"

#include "valence/state/state_database.hpp"

namespace valence::bench {

struct Workload {
    std::uint64_t slots = 5'000'000;
    std::uint64_t dirty = 4'000;
    std::uint64_t accounts = 100'000;
    std::uint64_t rounds = 30;
};

/// One contract with `slots` slots, and `accounts` accounts; committed as block 0.
void build_state(state::StateDatabase&, const Workload&, std::vector<Figure>&);

/// Blocks that each write `dirty` slots of the contract drawn at random; `warmth` goes into the figures'
/// names.
void commit_dirty_slots(state::StateDatabase&, const Workload&, std::uint64_t rounds,
                        const std::string& warmth, std::vector<Figure>&);

/// Blocks that change all `accounts` accounts.
void commit_all_accounts(state::StateDatabase&, const Workload&, std::uint64_t rounds, std::vector<Figure>&);

/// Blocks like a busy dev chain's: two accounts and two slots.
void commit_small_blocks(state::StateDatabase&, std::uint64_t rounds, std::vector<Figure>&);

/// Reads at the head, from the caches and past them, reads of an earlier block, and proofs.
void read_state(const state::StateDatabase&, const Workload&, std::vector<Figure>&);

}  // namespace valence::bench
