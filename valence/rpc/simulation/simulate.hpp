// eth_simulateV1: blocks of calls on top of a block, as if they had been mined.
#pragma once

#include <functional>

#include "valence/rpc/simulation/simulate_request.hpp"
#include "valence/rpc/simulation/transfer_tracer.hpp"
#include "valence/sequencer/stored_block.hpp"
#include "valence/state/changes.hpp"

namespace valence::rpc::simulation {

struct SimulatedCall {
    Bytes output;
    std::vector<NumberedLog> logs;
    /// As a receipt has it, and before refunds.
    std::uint64_t gas_used = 0;
    std::uint64_t max_gas_used = 0;
    /// How it failed; nothing when it did not.
    std::optional<RpcError> error;
};

struct SimulatedBlock {
    sequencer::StoredBlock block;
    std::vector<SimulatedCall> calls;
};

/// The state root after these changes to the base block's state.
using StateRootOf = std::function<Result<Hash>(const state::StateChanges&)>;

/// Errors carry the codes of execution-apis; the first call that may not be in its block ends the simulation.
Answer<std::vector<SimulatedBlock>> simulate(const Base& base, SimulateRequest request,
                                             const StateRootOf& state_root, const Limits& limits = {});

}  // namespace valence::rpc::simulation
