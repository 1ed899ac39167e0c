#include "valence/rpc/tracers/call_tracer.hpp"

#include "valence/rpc/tracers/tracer_config.hpp"

namespace valence::rpc::tracers {

namespace {

void write_frame(JsonWriter& out, const CallFrame& frame) {
    out.begin_object();
    out.key("from").data(frame.from);
    out.key("gas").quantity(frame.gas);
    out.key("gasUsed").quantity(frame.gas_used);
    if (frame.to) out.key("to").data(*frame.to);
    out.key("input").data(frame.input);
    if (!frame.output.empty()) out.key("output").data(frame.output);
    if (frame.failed()) out.key("error").string(frame.error);
    if (!frame.revert_reason.empty()) out.key("revertReason").string(frame.revert_reason);
    if (!frame.calls.empty()) {
        out.key("calls").begin_array();
        for (const auto& call : frame.calls)
            write_frame(out, call);
        out.end_array();
    }
    if (!frame.logs.empty()) {
        out.key("logs").begin_array();
        for (const auto& log : frame.logs)
            write_frame_log(out, log);
        out.end_array();
    }
    if (frame.value) out.key("value").quantity(*frame.value);
    out.key("type").string(evm::info(frame.op).name);
    out.end_object();
}

}  // namespace

void write_frame_log(JsonWriter& out, const FrameLog& log) {
    out.begin_object();
    out.key("address").data(log.log.address);
    out.key("topics").begin_array();
    for (const auto& topic : log.log.topics)
        out.data(topic);
    out.end_array();
    out.key("data").data(log.log.data);
    out.key("index").quantity(log.index);
    out.key("position").quantity(std::uint64_t{log.position});
    out.end_object();
}

Answer<std::unique_ptr<TransactionTracer>> CallTracer::from_config(const boost::json::value& config) {
    CallFrames::Options options;
    BOOST_OUTCOME_TRY(
        read_booleans(config, "callTracerConfig",
                      {{"onlyTopCall", &options.only_top_call}, {"withLog", &options.with_logs}}));
    return std::make_unique<CallTracer>(options);
}

Answer<std::string> CallTracer::result() {
    if (frames_.is_full()) return too_many_findings();
    if (frames_.root() == nullptr) return server_error("incorrect number of top-level calls");
    std::string text;
    JsonWriter out{text};
    write_frame(out, *frames_.root());
    return text;
}

}  // namespace valence::rpc::tracers
