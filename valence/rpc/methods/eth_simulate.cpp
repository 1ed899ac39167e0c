// eth_*: runs that leave nothing behind.
#include <boost/json.hpp>

#include "valence/rpc/context.hpp"
#include "valence/rpc/methods/handlers.hpp"
#include "valence/rpc/methods/simulation_base.hpp"
#include "valence/rpc/render/block.hpp"
#include "valence/rpc/render/receipt.hpp"
#include "valence/rpc/render/transaction.hpp"
#include "valence/rpc/simulation/access_list.hpp"
#include "valence/rpc/simulation/call.hpp"
#include "valence/rpc/simulation/estimate_gas.hpp"
#include "valence/rpc/simulation/simulate.hpp"
#include "valence/rpc/tracers/console_log.hpp"

namespace valence::rpc {

Answer<SimulationBase> simulation_base(const Call& call, std::size_t index, BlockTag otherwise) {
    BOOST_OUTCOME_TRY(const auto id, call.parameters.block_or(index, otherwise));
    BOOST_OUTCOME_TRY(auto found, find_state(call.context.node, id));
    return SimulationBase(call.context.node, std::move(found));
}

simulation::Limits simulation_limits(const Limits& limits) {
    simulation::Limits out;
    out.gas_cap = limits.call_gas;
    return out;
}

namespace {

/// Of the runs of one request.
Deadline evm_deadline(const Call& call) { return call.deadline.within(call.context.limits.evm_time); }

Answer<simulation::CallArguments> simulated_arguments(const Call& call) {
    return call.parameters.decode(0, simulation::decode_call_arguments);
}

/// State overrides, then block overrides, from a parameter on.
Answer<simulation::Overrides> overrides_parameters(const Call& call, std::size_t index) {
    simulation::Overrides overrides;
    if (call.parameters.given(index)) {
        BOOST_OUTCOME_TRY(overrides.state, call.parameters.decode(index, simulation::decode_state_overrides));
    }
    if (call.parameters.given(index + 1)) {
        BOOST_OUTCOME_TRY(overrides.block,
                          call.parameters.decode(index + 1, simulation::decode_block_overrides));
    }
    return overrides;
}

void write_simulated_log(JsonWriter& out, const sequencer::StoredBlock& block, std::size_t transaction,
                         const simulation::NumberedLog& log) {
    write_log(out, block, transaction, log.log, log.index);
}

void write_simulated_call(JsonWriter& out, const sequencer::StoredBlock& block, std::size_t index,
                          const simulation::SimulatedCall& call) {
    out.begin_object();
    out.key("returnData").data(call.output);
    out.key("logs").begin_array();
    for (const auto& log : call.logs)
        write_simulated_log(out, block, index, log);
    out.end_array();
    out.key("gasUsed").quantity(call.gas_used);
    out.key("maxUsedGas").quantity(call.max_gas_used);
    out.key("status").quantity(std::uint64_t{!call.error});
    if (call.error) {
        out.key("error").begin_object();
        out.key("code").number(std::int64_t{call.error->code});
        out.key("message").string(call.error->message);
        if (!call.error->data.empty()) out.key("data").raw(call.error->data);
        out.end_object();
    }
    out.end_object();
}

void write_simulated_block(JsonWriter& out, const simulation::SimulatedBlock& simulated,
                           TransactionForm form) {
    out.begin_object();
    write_block_fields(out, simulated.block, form);
    out.key("calls").begin_array();
    for (std::size_t i = 0; i < simulated.calls.size(); ++i) {
        write_simulated_call(out, simulated.block, i, simulated.calls[i]);
    }
    out.end_array();
    out.end_object();
}

/// Reads console.log during a run, where somebody listens, and tells when it goes: reverted runs are those
/// one wants to hear from. Keeps the run's deadline, as whoever watches a run must.
class ConsoleEar final : public DeadlineTracer {
public:
    ConsoleEar(const Call& call, const Deadline& deadline) : DeadlineTracer(deadline), call_(call) {}
    ~ConsoleEar() override {
        if (!console_.lines().empty()) call_.context.console(call_.method, console_.lines());
    }
    ConsoleEar(const ConsoleEar&) = delete;
    ConsoleEar& operator=(const ConsoleEar&) = delete;

    void on_enter(const evm::Message& message, evm::Host& host) override { console_.on_enter(message, host); }
    evm::Tracer* tracer() { return call_.context.console ? this : nullptr; }

private:
    const Call& call_;
    tracers::ConsoleTracer console_;
};

}  // namespace

Answer<void> eth_call(Call& call) {
    BOOST_OUTCOME_TRY(const auto arguments, simulated_arguments(call));
    BOOST_OUTCOME_TRY(const auto base, simulation_base(call, 1, BlockTag::latest));
    BOOST_OUTCOME_TRY(const auto overrides, overrides_parameters(call, 2));
    const auto deadline = evm_deadline(call);
    ConsoleEar console(call, deadline);
    BOOST_OUTCOME_TRY(const auto output,
                      simulation::call(base.base(deadline), arguments, overrides,
                                       simulation_limits(call.context.limits), console.tracer()));
    call.result.data(output);
    return success();
}

Answer<void> eth_estimate_gas(Call& call) {
    BOOST_OUTCOME_TRY(const auto arguments, simulated_arguments(call));
    BOOST_OUTCOME_TRY(const auto base, simulation_base(call, 1, BlockTag::latest));
    BOOST_OUTCOME_TRY(const auto overrides, overrides_parameters(call, 2));
    const auto deadline = evm_deadline(call);
    ConsoleEar console(call, deadline);
    BOOST_OUTCOME_TRY(const auto gas,
                      simulation::estimate_gas(base.base(deadline), arguments, overrides,
                                               simulation_limits(call.context.limits), console.tracer()));
    call.result.quantity(gas);
    return success();
}

Answer<void> eth_create_access_list(Call& call) {
    BOOST_OUTCOME_TRY(auto arguments, simulated_arguments(call));
    BOOST_OUTCOME_TRY(const auto base, simulation_base(call, 1, BlockTag::latest));
    BOOST_OUTCOME_TRY(const auto overrides, overrides_parameters(call, 2));
    BOOST_OUTCOME_TRY(const auto made,
                      simulation::create_access_list(base.base(evm_deadline(call)), std::move(arguments),
                                                     overrides, simulation_limits(call.context.limits)));
    auto& out = call.result;
    out.begin_object();
    out.key("accessList");
    write_access_list(out, made.access_list);
    if (!made.error.empty()) out.key("error").string(made.error);
    out.key("gasUsed").quantity(made.gas_used);
    out.end_object();
    return success();
}

Answer<void> eth_simulate_v1(Call& call) {
    BOOST_OUTCOME_TRY(auto request, call.parameters.decode(0, simulation::decode_simulate_request));
    BOOST_OUTCOME_TRY(const auto base, simulation_base(call, 1, BlockTag::latest));
    const auto form = request.full_transactions ? TransactionForm::objects : TransactionForm::hashes;
    const auto number = base.found().block->number();
    const auto root = [&](const state::StateChanges& changes) {
        return call.context.node.chain().state_root_after(number, changes);
    };
    BOOST_OUTCOME_TRY(const auto blocks,
                      simulation::simulate(base.base(evm_deadline(call)), std::move(request), root,
                                           simulation_limits(call.context.limits)));
    call.result.begin_array();
    for (const auto& block : blocks)
        write_simulated_block(call.result, block, form);
    call.result.end_array();
    return success();
}

}  // namespace valence::rpc
