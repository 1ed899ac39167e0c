// debug_trace*: runs again what a block did, and watches it.
#include <boost/json.hpp>

#include "valence/rpc/context.hpp"
#include "valence/rpc/lookup.hpp"
#include "valence/rpc/methods/find_transaction.hpp"
#include "valence/rpc/methods/handlers.hpp"
#include "valence/rpc/methods/replay.hpp"
#include "valence/rpc/methods/simulation_base.hpp"
#include "valence/rpc/tracers/trace_call.hpp"
#include "valence/rpc/tracers/trace_options.hpp"
#include "valence/sequencer/layered_state.hpp"

namespace valence::rpc {

namespace {

Answer<tracers::TraceOptions> options_parameter(const Call& call, std::size_t index) {
    if (!call.parameters.given(index)) return tracers::TraceOptions{};
    BOOST_OUTCOME_TRY(auto options, call.parameters.decode(index, tracers::decode_trace_options));
    options.timeout = std::min(options.timeout, call.context.limits.trace_time_longest);
    return options;
}

/// The whole request's time: the message's, or more where the caller wishes for more.
Deadline request_deadline(const Call& call, const tracers::TraceOptions& options) {
    const auto message = call.context.limits.message_time;
    const auto allowed = message.count() == 0 ? message : std::max(message, options.timeout);
    return Deadline(allowed, &call.context.stopping);
}

Answer<void> trace_block(Call& call, const sequencer::SharedBlock& block) {
    BOOST_OUTCOME_TRY(const auto options, options_parameter(call, 1));
    const auto deadline = request_deadline(call, options);
    BOOST_OUTCOME_TRY(const auto replay, Replay::of(call.context.node, block, deadline));
    call.result.begin_array();
    for (std::size_t i = 0; i < block->block.transactions.size(); ++i) {
        BOOST_OUTCOME_TRY(const auto tracer, tracers::make_tracer(options, deadline));
        BOOST_OUTCOME_TRY(const auto findings, (*replay)->trace_next(*tracer));
        call.result.begin_object();
        call.result.key("txHash").data(block->facts[i].hash);
        call.result.key("result").raw(findings);
        call.result.end_object();
        if (call.result.overflowed()) break;
    }
    call.result.end_array();
    return success();
}

/// A block known by its hash.
Answer<void> trace_known_block(Call& call, const Hash& hash) {
    const auto& chain = call.context.node.chain();
    const auto block = chain.block(hash);
    if (!block) return server_error("block " + base::to_hex_prefixed(hash.bytes) + " not found");
    if (!chain.is_canonical(block->number(), hash)) {
        return server_error("state of a block off the canonical chain is not kept");
    }
    return trace_block(call, block);
}

}  // namespace

Answer<void> debug_trace_transaction(Call& call) {
    BOOST_OUTCOME_TRY(const auto hash, call.parameters.hash(0));
    BOOST_OUTCOME_TRY(const auto options, options_parameter(call, 1));
    const auto found = find_transaction(call.context.node, hash);
    if (!found.block) return server_error("transaction not found");
    const auto deadline = request_deadline(call, options);
    BOOST_OUTCOME_TRY(const auto tracer, tracers::make_tracer(options, deadline));
    BOOST_OUTCOME_TRY(const auto replay, Replay::of(call.context.node, found.block, deadline));
    BOOST_OUTCOME_TRY((*replay)->run_until(found.index));
    BOOST_OUTCOME_TRY(const auto findings, (*replay)->trace_next(*tracer));
    call.result.raw(findings);
    return success();
}

Answer<void> debug_trace_block_by_number(Call& call) {
    BOOST_OUTCOME_TRY(const auto id, call.parameters.block_number(0));
    BOOST_OUTCOME_TRY(const auto found, find_block(call.context.node, id));
    if (!found) {
        const auto number = block_number_of(call.context.node, id);
        return server_error(number ? "block #" + std::to_string(*number) + " not found" : "header not found");
    }
    if (found.sealing == Sealing::pending) return server_error("tracing on top of pending is not supported");
    return trace_block(call, found.block);
}

Answer<void> debug_trace_block_by_hash(Call& call) {
    BOOST_OUTCOME_TRY(const auto hash, call.parameters.hash(0));
    return trace_known_block(call, hash);
}

/// A block of the chain, given by its encoding.
Answer<void> debug_trace_block(Call& call) {
    BOOST_OUTCOME_TRY(const auto bytes, call.parameters.data(0));
    const auto decoded = chain::decode_block(bytes);
    if (decoded.has_error()) return server_error("could not decode block: " + decoded.error().message());
    return trace_known_block(call, chain::header_hash(decoded.value().header));
}

/// (transaction, block, options with stateOverrides, blockOverrides and txIndex)
Answer<void> debug_trace_call(Call& call) {
    BOOST_OUTCOME_TRY(const auto arguments, call.parameters.decode(0, simulation::decode_call_arguments));
    BOOST_OUTCOME_TRY(const auto id, call.parameters.block_or(1, BlockTag::latest));
    BOOST_OUTCOME_TRY(const auto options, options_parameter(call, 2));
    const auto& node = call.context.node;
    const auto limits = simulation_limits(call.context.limits);
    const auto deadline = request_deadline(call, options);
    std::string findings;
    if (options.transaction_index) {
        // In the middle of a block: after the transactions before that index.
        BOOST_OUTCOME_TRY(const auto found, require_block(node, id));
        BOOST_OUTCOME_TRY(const auto replay, Replay::of(node, found.block, deadline));
        if (*options.transaction_index > found.block->block.transactions.size()) {
            return server_error("transaction index " + std::to_string(*options.transaction_index) +
                                " out of range for block");
        }
        BOOST_OUTCOME_TRY((*replay)->run_until(*options.transaction_index));
        const CanonicalHashes hashes(node.chain());
        const auto before = (*replay)->state().changes();
        const auto first = node.chain().state_before(found.block->number());
        if (first.has_error()) return from_error(first.error());
        const sequencer::LayeredState state(first.value(), before);
        const auto inference = node::SimulatedInference::of(node);
        const simulation::Base base{node.config().genesis.rules,
                                    found.block->block.header,
                                    state,
                                    hashes,
                                    deadline,
                                    inference ? &inference->environment() : nullptr};
        BOOST_OUTCOME_TRY(findings, tracers::trace_call(base, arguments, options, limits));
    } else {
        BOOST_OUTCOME_TRY(const auto base, simulation_base(call, 1, BlockTag::latest));
        BOOST_OUTCOME_TRY(findings, tracers::trace_call(base.base(deadline), arguments, options, limits));
    }
    call.result.raw(findings);
    return success();
}

}  // namespace valence::rpc
