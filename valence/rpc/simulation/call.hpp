// eth_call.
#pragma once

#include "valence/rpc/simulation/call_arguments.hpp"
#include "valence/rpc/simulation/sandbox.hpp"

namespace valence::rpc::simulation {

/// What the call returns; `tracer`, if any, watches it. Errors: a revert (code 3, with its reason and data),
/// any other failure of the run, a call that may not run at all, overrides that contradict each other.
Answer<Bytes> call(const Base& base, const CallArguments& arguments, const Overrides& overrides = {},
                   const Limits& limits = {}, evm::Tracer* tracer = nullptr);

/// The error of a run that failed; `text` is how, in geth's words.
RpcError failed_call(const chain::TransactionResult& result, const std::string& text);

}  // namespace valence::rpc::simulation
