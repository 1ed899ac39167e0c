// eth_estimateGas: the least gas limit, within a tolerance, with which a transaction succeeds.
#pragma once

#include "valence/rpc/simulation/call.hpp"

namespace valence::rpc::simulation {

/// Errors: a revert (code 3), a call that fails for reasons more gas does not mend, "gas required exceeds
/// allowance (N)" when all the gas the caller, the block, the sender's funds and the cap allow is not enough.
/// `tracer`, if any, watches the one run that has all this gas.
Answer<std::uint64_t> estimate_gas(const Base& base, const CallArguments& arguments,
                                   const Overrides& overrides = {}, const Limits& limits = {},
                                   evm::Tracer* tracer = nullptr);

}  // namespace valence::rpc::simulation
