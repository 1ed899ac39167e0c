// The tracers by the names that debug_trace* knows them by: one table.
#pragma once

#include <string_view>

#include <boost/json/fwd.hpp>

#include "valence/rpc/tracers/transaction_tracer.hpp"

namespace valence::rpc::tracers {

/// The tracer of this name with these options (`tracerConfig`; null for none). Errors: an unknown name,
/// JavaScript, options of the wrong type.
Answer<std::unique_ptr<TransactionTracer>> make_tracer(std::string_view name,
                                                       const boost::json::value& config);

}  // namespace valence::rpc::tracers
