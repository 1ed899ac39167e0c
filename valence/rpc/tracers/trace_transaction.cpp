#include "valence/rpc/tracers/trace_transaction.hpp"

#include <fmt/format.h>

namespace valence::rpc::tracers {

TransactionStart transaction_start(const chain::BlockEnvironment& block, state::JournaledState& state,
                                   const chain::Transaction& transaction, const Address& sender,
                                   const TracePosition& position) {
    TransactionStart start;
    start.sender = sender;
    start.to = transaction.to;
    start.gas_limit = transaction.gas_limit;
    start.coinbase = block.context.coinbase;
    start.revision = block.revision;
    for (const auto& authorization : transaction.authorizations) {
        if (const auto authority = chain::recover_authority(authorization))
            start.authorities.push_back(*authority);
    }
    start.position = position;
    start.state = &state;
    return start;
}

Answer<TracedTransaction> trace_transaction(const chain::BlockEnvironment& block,
                                            state::JournaledState& state,
                                            const chain::Transaction& transaction, const Address& sender,
                                            const TracePosition& position, chain::Checks checks,
                                            TransactionTracer& tracer) {
    tracer.on_transaction_start(transaction_start(block, state, transaction, sender, position));
    chain::ExecutionOptions options;
    options.checks = checks;
    options.tracer = &tracer;
    auto result = chain::execute_transaction(block, state, transaction, sender, options);
    if (result.has_error()) return server_error(fmt::format("tracing failed: {}", result.error().message()));
    tracer.on_transaction_end(result.value().gas_used);
    BOOST_OUTCOME_TRY(auto findings, tracer.result());
    return TracedTransaction{std::move(findings), std::move(result).value()};
}

}  // namespace valence::rpc::tracers
