// Base: the block a simulation starts from, and the limits it keeps.
#pragma once

#include <cstdint>

#include "valence/chain/block.hpp"
#include "valence/chain/evm_host.hpp"
#include "valence/chain/rule_set.hpp"
#include "valence/rpc/deadline.hpp"
#include "valence/state/reader.hpp"

namespace valence::rpc::simulation {

/// All referenced things outlive the simulation.
struct Base {
    const chain::RuleSet& rules;
    /// Calls run as if in this very block, as geth's do.
    const chain::Header& header;
    /// After the block.
    const state::StateReader& state;
    /// Of the block's ancestors.
    const chain::BlockHashes& hashes;
    /// When runs are given up; never, unless set.
    Deadline deadline;
    /// Null: contracts cannot call models.
    const chain::InferenceEnvironment* inference = nullptr;
};

struct Limits {
    /// The most gas a call may ask for, and what it gets when it asks for nothing (geth's --rpc.gascap); 0:
    /// no limit.
    std::uint64_t gas_cap = 50'000'000;
    /// Blocks one eth_simulateV1 may span, with those that fill gaps.
    std::uint64_t simulated_blocks = 256;
    /// Calls one eth_simulateV1 may make.
    std::uint64_t simulated_calls = 10'000;
};

}  // namespace valence::rpc::simulation
