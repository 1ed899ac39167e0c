#include "valence/rpc/tracers/flat_call_tracer.hpp"

#include "valence/evm/precompiles/precompiles.hpp"
#include "valence/rpc/tracers/tracer_config.hpp"

namespace valence::rpc::tracers {

namespace {

struct ParityError {
    std::string_view geth;
    std::string_view parity;
};

constexpr ParityError kParityErrors[] = {
    {"contract creation code storage out of gas", "Out of gas"},
    {"out of gas", "Out of gas"},
    {"gas uint64 overflow", "Out of gas"},
    {"max code size exceeded", "Out of gas"},
    {"invalid jump destination", "Bad jump destination"},
    {"execution reverted", "Reverted"},
    {"return data out of bounds", "Out of bounds"},
    {"stack limit reached 1024 (1023)", "Out of stack"},
    {"precompiled failed", "Built-in failed"},
    {"invalid input length", "Built-in failed"},
};

constexpr ParityError kParityErrorPrefixes[] = {
    // "out of gas: not enough gas for reentrancy sentry"
    {"out of gas:", "Out of gas"},
    {"invalid opcode:", "Bad instruction"},
    {"stack underflow", "Stack underflow"},
};

std::string_view parity_error(std::string_view text) {
    for (const auto& error : kParityErrors) {
        if (text == error.geth) return error.parity;
    }
    for (const auto& error : kParityErrorPrefixes) {
        if (text.starts_with(error.geth)) return error.parity;
    }
    return text;
}

std::string lower_case(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

void write_action(JsonWriter& out, const CallFrame& frame) {
    const auto name = lower_case(evm::info(frame.op).name);
    const auto value = frame.value.value_or(U256{});
    out.key("action").begin_object();
    if (frame.op == evm::Op::selfdestruct) {
        out.key("address").data(frame.from);
        out.key("balance").quantity(value);
        out.key("refundAddress").data(frame.to.value_or(Address{}));
    } else if (frame.is_creation()) {
        out.key("creationMethod").string(name);
        out.key("from").data(frame.from);
        out.key("gas").quantity(frame.gas);
        out.key("init").data(frame.input);
        out.key("value").quantity(value);
    } else {
        out.key("callType").string(name);
        out.key("from").data(frame.from);
        out.key("gas").quantity(frame.gas);
        out.key("input").data(frame.input);
        out.key("to").data(frame.to.value_or(Address{}));
        out.key("value").quantity(value);
    }
    out.end_object();
}

void write_result(JsonWriter& out, const CallFrame& frame) {
    out.key("result").begin_object();
    if (frame.is_creation()) {
        if (frame.to) out.key("address").data(*frame.to);
        out.key("code").data(frame.output);
        out.key("gasUsed").quantity(frame.gas_used);
    } else {
        out.key("gasUsed").quantity(frame.gas_used);
        out.key("output").data(frame.output);
    }
    out.end_object();
}

std::string_view type_of(const CallFrame& frame) {
    if (frame.op == evm::Op::selfdestruct) return "suicide";
    return frame.is_creation() ? "create" : "call";
}

}  // namespace

Answer<std::unique_ptr<TransactionTracer>> FlatCallTracer::from_config(const boost::json::value& config) {
    Options options;
    BOOST_OUTCOME_TRY(read_booleans(config, "flatCallTracerConfig",
                                    {{"convertParityErrors", &options.convert_parity_errors},
                                     {"includePrecompiles", &options.include_precompiles}}));
    return std::make_unique<FlatCallTracer>(options);
}

void FlatCallTracer::on_transaction_start(const TransactionStart& start) {
    revision_ = start.revision;
    position_ = start.position;
    frames_.on_transaction_start(start);
}

void FlatCallTracer::on_exit(const evm::Message& message, const evm::CallResult& result, evm::Host&) {
    frames_.on_exit(message, result);
    auto* parent = frames_.innermost();
    if (options_.include_precompiles || parent == nullptr || parent->calls.empty()) return;
    const auto& call = parent->calls.back();
    const bool is_plain_call = call.op == evm::Op::call || call.op == evm::Op::staticcall;
    if (is_plain_call && call.to && evm::find_precompile(*call.to, revision_) != nullptr)
        parent->calls.pop_back();
}

Answer<std::string> FlatCallTracer::result() {
    if (frames_.is_full()) return too_many_findings();
    if (frames_.root() == nullptr) return server_error("invalid number of calls");
    std::string text;
    JsonWriter out{text};
    std::vector<std::size_t> path;
    out.begin_array();
    write(out, *frames_.root(), path);
    out.end_array();
    return text;
}

void FlatCallTracer::write(JsonWriter& out, const CallFrame& frame, std::vector<std::size_t>& path) const {
    out.begin_object();
    write_action(out, frame);
    out.key("blockHash").data_or_null(position_.block_hash);
    out.key("blockNumber").number(position_.block_number);
    if (frame.failed()) {
        out.key("error").string(options_.convert_parity_errors ? parity_error(frame.error) : frame.error);
    }
    // A revert's output says why; other failures have no result.
    const bool has_result = !frame.failed() || frame.error == failure_text(evm::Status::revert);
    if (has_result && frame.op != evm::Op::selfdestruct) write_result(out, frame);
    out.key("subtraces").number(std::uint64_t{frame.calls.size()});
    out.key("traceAddress").begin_array();
    for (const auto step : path)
        out.number(std::uint64_t{step});
    out.end_array();
    out.key("transactionHash").data_or_null(position_.transaction_hash);
    out.key("transactionPosition").number(position_.transaction_index);
    out.key("type").string(type_of(frame));
    out.end_object();
    for (std::size_t i = 0; i < frame.calls.size(); ++i) {
        path.push_back(i);
        write(out, frame.calls[i], path);
        path.pop_back();
    }
}

}  // namespace valence::rpc::tracers
