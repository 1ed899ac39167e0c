#include "valence/rpc/tracers/mux_tracer.hpp"

#include <boost/json/value.hpp>

#include "valence/rpc/json_writer.hpp"
#include "valence/rpc/tracers/registry.hpp"
#include "valence/rpc/tracers/tracer_config.hpp"

namespace valence::rpc::tracers {

Answer<std::unique_ptr<TransactionTracer>> MuxTracer::from_config(const boost::json::value& config) {
    BOOST_OUTCOME_TRY(read_booleans(config, "map[string]json.RawMessage", {}));
    std::vector<Part> parts;
    if (const auto* object = config.if_object()) {
        for (const auto& [name, options] : *object) {
            // A mux within a mux could nest without bound.
            if (name == "muxTracer") return server_error("muxTracer cannot hold itself");
            BOOST_OUTCOME_TRY(auto tracer, make_tracer(name, options));
            parts.push_back({std::string{name}, std::move(tracer)});
        }
    }
    std::sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.name < b.name; });
    return std::make_unique<MuxTracer>(std::move(parts));
}

void MuxTracer::on_transaction_start(const TransactionStart& start) {
    for (auto& part : parts_)
        part.tracer->on_transaction_start(start);
}

void MuxTracer::on_transaction_end(std::uint64_t gas_used) {
    for (auto& part : parts_)
        part.tracer->on_transaction_end(gas_used);
}

void MuxTracer::on_enter(const evm::Message& message, evm::Host& host) {
    for (auto& part : parts_)
        part.tracer->on_enter(message, host);
}

void MuxTracer::on_exit(const evm::Message& message, const evm::CallResult& result, evm::Host& host) {
    for (auto& part : parts_)
        part.tracer->on_exit(message, result, host);
}

void MuxTracer::on_step(const evm::Step& step, evm::Host& host) {
    for (auto& part : parts_) {
        part.tracer->on_step(step, host);
        if (part.tracer->gave_up()) give_up();
    }
}

void MuxTracer::on_step_cost(evm::Gas cost, evm::Status status) {
    for (auto& part : parts_)
        part.tracer->on_step_cost(cost, status);
}

void MuxTracer::on_log(const evm::Log& log) {
    for (auto& part : parts_)
        part.tracer->on_log(log);
}

void MuxTracer::on_self_destruct(const Address& account, const Address& beneficiary, const U256& balance) {
    for (auto& part : parts_)
        part.tracer->on_self_destruct(account, beneficiary, balance);
}

Answer<std::string> MuxTracer::result() {
    std::string text;
    JsonWriter out{text};
    out.begin_object();
    for (auto& part : parts_) {
        BOOST_OUTCOME_TRY(const auto findings, part.tracer->result());
        out.key(part.name).raw(findings);
    }
    out.end_object();
    return text;
}

}  // namespace valence::rpc::tracers
