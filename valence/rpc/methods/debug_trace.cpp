// debug_trace*: runs again what a block did, and watches it.
#include <boost/json.hpp>

#include "valence/chain/execute_block.hpp"
#include "valence/rpc/context.hpp"
#include "valence/rpc/lookup.hpp"
#include "valence/rpc/methods/find_transaction.hpp"
#include "valence/rpc/methods/handlers.hpp"
#include "valence/rpc/methods/simulation_base.hpp"
#include "valence/rpc/simulation/message.hpp"
#include "valence/rpc/simulation/sandbox.hpp"
#include "valence/rpc/tracers/registry.hpp"
#include "valence/rpc/tracers/trace_transaction.hpp"

namespace valence::rpc {

namespace json = boost::json;

namespace {

/// Which tracer, with which options; geth's TraceConfig.
struct TraceOptions {
    /// Empty: the struct logger, whose options stand beside this one.
    std::string tracer;
    json::value config;
};

Answer<TraceOptions> options_parameter(const Call& call, std::size_t index) {
    TraceOptions options;
    const auto* value = call.parameters.find(index);
    if (value == nullptr) return options;
    const auto* object = value->if_object();
    if (object == nullptr) {
        return invalid_argument(index,
                                DecodeError{std::string(kind_name(*value)), "tracers.TraceConfig"}.message());
    }
    options.config = *value;
    const auto* name = object->if_contains("tracer");
    if (name != nullptr && !name->is_null()) {
        if (!name->is_string()) {
            return invalid_argument(index, DecodeError{std::string(kind_name(*name)), "string"}.message_in(
                                               "TraceConfig", "tracer"));
        }
        options.tracer = std::string(name->get_string());
        const auto* config = object->if_contains("tracerConfig");
        options.config = config == nullptr ? json::value() : *config;
    }
    return options;
}

Answer<std::unique_ptr<tracers::TransactionTracer>> new_tracer(const TraceOptions& options) {
    return tracers::make_tracer(options.tracer.empty() ? "structLogger" : options.tracer, options.config);
}

tracers::TracePosition position_of(const sequencer::StoredBlock& block, std::size_t index) {
    tracers::TracePosition position;
    position.block_hash = block.hash;
    position.block_number = block.number();
    position.transaction_hash = block.facts[index].hash;
    position.transaction_index = index;
    position.first_log_index = block.facts[index].first_log_index;
    return position;
}

/// A block as it is executed once more, transaction by transaction.
class Replay {
public:
    static Answer<std::unique_ptr<Replay>> of(const node::Node& node, const sequencer::SharedBlock& block) {
        if (block->number() == 0) return server_error("genesis is not traceable");
        const auto state = node.chain().state_at(block->number() - 1);
        if (state.has_error()) return from_error(state.error());
        return std::unique_ptr<Replay>(new Replay(node, block, state.value()));
    }

    /// Runs a transaction unwatched.
    Answer<void> pass(std::size_t index) {
        const auto done = execution_.execute(block_->block.transactions[index], block_->facts[index].sender);
        if (done.has_error()) return server_error("tracing failed: " + done.error().message());
        return success();
    }

    /// Runs a transaction under a tracer; answers its findings.
    Answer<std::string> trace(std::size_t index, tracers::TransactionTracer& tracer) {
        const auto& transaction = block_->block.transactions[index];
        const auto& sender = block_->facts[index].sender;
        tracer.on_transaction_start(tracers::transaction_start(
            execution_.environment(), journal_, transaction, sender, position_of(*block_, index)));
        const auto done = execution_.execute(transaction, sender, &tracer);
        if (done.has_error()) return server_error("tracing failed: " + done.error().message());
        tracer.on_transaction_end(done.value().result.gas_used);
        return tracer.result();
    }

private:
    Replay(const node::Node& node, sequencer::SharedBlock block,
           std::shared_ptr<const state::StateReader> state)
        : block_(std::move(block)),
          state_(std::move(state)),
          hashes_(node.chain()),
          journal_(*state_),
          execution_(node.config().genesis.rules, block_->block.header, journal_, hashes_) {
        execution_.begin();
    }

    sequencer::SharedBlock block_;
    std::shared_ptr<const state::StateReader> state_;
    CanonicalHashes hashes_;
    state::JournaledState journal_;
    chain::BlockExecution execution_;
};

Answer<void> trace_block(Call& call, const sequencer::SharedBlock& block) {
    BOOST_OUTCOME_TRY(const auto options, options_parameter(call, 1));
    BOOST_OUTCOME_TRY(const auto replay, Replay::of(call.context.node, block));
    call.result.begin_array();
    for (std::size_t i = 0; i < block->block.transactions.size(); ++i) {
        BOOST_OUTCOME_TRY(const auto tracer, new_tracer(options));
        BOOST_OUTCOME_TRY(const auto findings, replay->trace(i, *tracer));
        call.result.begin_object();
        call.result.key("txHash").data(block->facts[i].hash);
        call.result.key("result").raw(findings);
        call.result.end_object();
        if (call.result.size() > call.context.limits.response_bytes) {
            return RpcError{code::kResponseTooLarge, "response too large"};
        }
    }
    call.result.end_array();
    return success();
}

}  // namespace

Answer<void> debug_trace_transaction(Call& call) {
    BOOST_OUTCOME_TRY(const auto hash, call.parameters.hash(0));
    BOOST_OUTCOME_TRY(const auto options, options_parameter(call, 1));
    const auto found = find_transaction(call.context.node, hash);
    if (!found.block) return server_error("transaction not found");
    BOOST_OUTCOME_TRY(const auto tracer, new_tracer(options));
    BOOST_OUTCOME_TRY(const auto replay, Replay::of(call.context.node, found.block));
    for (std::size_t i = 0; i < found.index; ++i) {
        BOOST_OUTCOME_TRY(replay->pass(i));
    }
    BOOST_OUTCOME_TRY(const auto findings, replay->trace(found.index, *tracer));
    call.result.raw(findings);
    return success();
}

Answer<void> debug_trace_block_by_number(Call& call) {
    BOOST_OUTCOME_TRY(const auto id, call.parameters.block_number(0));
    BOOST_OUTCOME_TRY(const auto found, find_block(call.context.node, id));
    if (!found)
        return server_error("block #" + std::to_string(*block_number_of(call.context.node, id)) +
                            " not found");
    if (found.sealing == Sealing::pending) return server_error("tracing on top of pending is not supported");
    return trace_block(call, found.block);
}

Answer<void> debug_trace_block_by_hash(Call& call) {
    BOOST_OUTCOME_TRY(const auto hash, call.parameters.hash(0));
    const auto block = call.context.node.chain().block(hash);
    if (!block) return server_error("block " + base::to_hex_prefixed(hash.bytes) + " not found");
    if (!call.context.node.chain().is_canonical(block->number(), hash)) {
        return server_error("state of a block off the canonical chain is not kept");
    }
    return trace_block(call, block);
}

/// A block of the chain, given by its encoding.
Answer<void> debug_trace_block(Call& call) {
    BOOST_OUTCOME_TRY(const auto bytes, call.parameters.data(0));
    const auto decoded = chain::decode_block(bytes);
    if (decoded.has_error()) return server_error("could not decode block: " + decoded.error().message());
    const auto hash = chain::header_hash(decoded.value().header);
    const auto block = call.context.node.chain().block(hash);
    if (!block) return server_error("block " + base::to_hex_prefixed(hash.bytes) + " not found");
    return trace_block(call, block);
}

/// (transaction, block, options with stateOverrides and blockOverrides)
Answer<void> debug_trace_call(Call& call) {
    BOOST_OUTCOME_TRY(const auto arguments, call.parameters.decode(0, simulation::decode_call_arguments));
    BOOST_OUTCOME_TRY(const auto base, simulation_base(call, 1, BlockTag::latest));
    BOOST_OUTCOME_TRY(const auto options, options_parameter(call, 2));
    simulation::Overrides overrides;
    if (const auto* value = call.parameters.find(2)) {
        const auto& object = value->get_object();
        const auto* state = object.if_contains("stateOverrides");
        if (state != nullptr && !state->is_null()) {
            auto decoded = simulation::decode_state_overrides(*state);
            if (decoded.has_error()) return invalid_argument(2, decoded.error().message());
            overrides.state = std::move(decoded).value();
        }
        const auto* block = object.if_contains("blockOverrides");
        if (block != nullptr && !block->is_null()) {
            auto decoded = simulation::decode_block_overrides(*block);
            if (decoded.has_error()) return invalid_argument(2, decoded.error().message());
            overrides.block = std::move(decoded).value();
        }
    }
    BOOST_OUTCOME_TRY(const auto tracer, new_tracer(options));
    BOOST_OUTCOME_TRY(const auto sandbox, simulation::Sandbox::open(base.base(), overrides));
    BOOST_OUTCOME_TRY(const auto message, simulation::message_of(arguments, call.context.limits.call_gas,
                                                                 call.context.node.chain_id()));
    tracers::TracePosition position;
    position.block_number = base.base().header.number;
    const auto sender = arguments.sender();
    tracer->on_transaction_start(
        tracers::transaction_start(sandbox->block(), sandbox->state(), message, sender, position));
    const auto run = sandbox->run(message, sender, tracer.get());
    if (run.has_error()) return server_error("tracing failed: " + run.error().message());
    tracer->on_transaction_end(run.value().gas_used);
    BOOST_OUTCOME_TRY(const auto findings, tracer->result());
    call.result.raw(findings);
    return success();
}

}  // namespace valence::rpc
