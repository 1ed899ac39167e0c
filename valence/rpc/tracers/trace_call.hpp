// debug_traceCall: a call that is in no block, under a tracer.
#pragma once

#include "valence/rpc/simulation/call_arguments.hpp"
#include "valence/rpc/tracers/trace_options.hpp"

namespace valence::rpc::tracers {

/// The findings. Errors as of eth_call, but that a call which fails is found, not an error.
Answer<std::string> trace_call(const simulation::Base& base, const simulation::CallArguments& arguments,
                               const TraceOptions& options, const simulation::Limits& limits = {});

}  // namespace valence::rpc::tracers
