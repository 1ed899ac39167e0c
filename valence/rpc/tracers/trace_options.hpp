// What a caller of debug_trace* asks for: a tracer by name with its options, a time limit, and for calls what
// to pretend.
#pragma once

#include <chrono>

#include <boost/json/value.hpp>

#include "valence/rpc/parameters/decode.hpp"
#include "valence/rpc/simulation/sandbox.hpp"
#include "valence/rpc/tracers/transaction_tracer.hpp"

namespace valence::rpc::tracers {

struct TraceOptions {
    std::string tracer = "structLogger";
    /// Options of the tracer; those of structLogger stand beside the others in the request.
    boost::json::value config;
    /// Of each transaction; as the caller wishes, or the default of geth.
    std::chrono::milliseconds timeout{5'000};
    /// debug_traceCall only.
    simulation::Overrides overrides;
    /// debug_traceCall only: run before this transaction of the block instead of after all.
    std::optional<std::uint64_t> transaction_index;
};

/// {tracer, tracerConfig, timeout, stateOverrides, blockOverrides, txIndex} and structLogger's options.
Decoded<TraceOptions> decode_trace_options(const boost::json::value& value);

/// A length of time as Go writes it: "300ms", "1.5h", "2m30s". Nothing when it is malformed or longer than a
/// day.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// The tracer asked for. Once the time of the transaction or of the whole request is over it gives the run up
/// and finds an error.
Answer<std::unique_ptr<TransactionTracer>> make_tracer(const TraceOptions& options, const Deadline& request);

}  // namespace valence::rpc::tracers
