#include "valence/rpc/tracers/trace_call.hpp"

#include "valence/rpc/simulation/message.hpp"
#include "valence/rpc/tracers/trace_transaction.hpp"

namespace valence::rpc::tracers {

Answer<std::string> trace_call(const simulation::Base& base, const simulation::CallArguments& arguments,
                               const TraceOptions& options, const simulation::Limits& limits) {
    BOOST_OUTCOME_TRY(const auto tracer, make_tracer(options, base.deadline));
    BOOST_OUTCOME_TRY(const auto message,
                      simulation::message_of(arguments, limits.gas_cap, base.rules.chain_id));
    BOOST_OUTCOME_TRY(const auto sandbox, simulation::Sandbox::open(base, options.overrides));
    TracePosition position;
    position.block_number = sandbox->block().context.number;
    tracer->on_transaction_start(
        transaction_start(sandbox->block(), sandbox->state(), message, arguments.sender(), position));
    const auto result = sandbox->run(message, arguments.sender(), tracer.get());
    if (result.has_error()) {
        if (tracer->gave_up()) return tracer->result();
        if (simulation::is_out_of_time(base, result.error())) return server_error("execution timeout");
        return server_error("tracing failed: " + result.error().message());
    }
    tracer->on_transaction_end(result.value().gas_used);
    return tracer->result();
}

}  // namespace valence::rpc::tracers
