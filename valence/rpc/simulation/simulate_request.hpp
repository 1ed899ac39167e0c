// What eth_simulateV1 is asked for (execution-apis, eth_simulateV1), and the plan of blocks that follows from
// it.
#pragma once

#include <boost/json/fwd.hpp>

#include "valence/rpc/error.hpp"
#include "valence/rpc/simulation/base.hpp"
#include "valence/rpc/simulation/call_arguments.hpp"
#include "valence/rpc/simulation/overrides.hpp"

namespace valence::rpc::simulation {

struct BlockCalls {
    BlockOverrides block;
    StateOverrides state;
    std::vector<CallArguments> calls;
};

struct SimulateRequest {
    std::vector<BlockCalls> blocks;
    /// Moves of the chain's coin are reported as logs.
    bool trace_transfers = false;
    /// Nonces and fees must be right, as in a real block.
    bool validation = false;
    bool full_transactions = false;
};

Decoded<SimulateRequest> decode_simulate_request(const boost::json::value& value);

/// Codes of execution-apis for eth_simulateV1.
namespace code {
inline constexpr int kNonceTooLow = -38010;
inline constexpr int kNonceTooHigh = -38011;
inline constexpr int kFeeCapTooLow = -38012;
inline constexpr int kIntrinsicGas = -38013;
inline constexpr int kInsufficientFunds = -38014;
inline constexpr int kBlockGasLimitReached = -38015;
inline constexpr int kBlockNumberOrder = -38020;
inline constexpr int kBlockTimestampOrder = -38021;
inline constexpr int kSenderHasCode = -38024;
inline constexpr int kInitCodeTooLarge = -38025;
inline constexpr int kTooMuch = -38026;
/// A call that failed otherwise than by a revert.
inline constexpr int kVmError = -32015;
}  // namespace code

/// The blocks to make, each with its number and timestamp set; gaps between numbers are filled with empty
/// ones. Errors: numbers or timestamps out of order, more than the limits allow.
Answer<std::vector<BlockCalls>> plan_blocks(std::vector<BlockCalls> requested, const chain::Header& base,
                                            const Limits& limits);

}  // namespace valence::rpc::simulation
