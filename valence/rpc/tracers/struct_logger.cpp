#include "valence/rpc/tracers/struct_logger.hpp"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "valence/rpc/tracers/opcode_facts.hpp"
#include "valence/rpc/tracers/step_memory.hpp"
#include "valence/rpc/tracers/tracer_config.hpp"

namespace valence::rpc::tracers {

Answer<std::unique_ptr<TransactionTracer>> StructLogger::from_config(const boost::json::value& config) {
    Options options;
    BOOST_OUTCOME_TRY(read_booleans(config, "TraceConfig",
                                    {{"enableMemory", &options.enable_memory},
                                     {"disableStack", &options.disable_stack},
                                     {"disableStorage", &options.disable_storage},
                                     {"enableReturnData", &options.enable_return_data}}));
    if (const auto* object = config.if_object()) {
        if (const auto* limit = object->if_contains("limit"); limit != nullptr && !limit->is_null()) {
            const bool is_count = limit->is_uint64() || (limit->is_int64() && limit->get_int64() >= 0);
            if (!is_count) return wrong_type(*limit, "TraceConfig", "limit", "int");
            options.limit = limit->to_number<std::uint64_t>();
        }
    }
    return std::make_unique<StructLogger>(options);
}

void StructLogger::on_transaction_start(const TransactionStart& start) {
    texts_.set_revision(start.revision);
    state_ = start.state;
}

bool StructLogger::is_full() const {
    return entries_.size() >
           (options_.limit != 0 ? std::min<std::uint64_t>(options_.limit, kMostFindings) : kMostFindings);
}

void StructLogger::on_step(const evm::Step& step, evm::Host& host) {
    write_entry();
    texts_.on_step(step);
    if (is_full()) {
        // Nobody will see the rest of a trace that is too long; what a caller cut short still tells the gas.
        if (options_.limit == 0) give_up();
        return;
    }
    pending_ = Pending::step;
    depth_ = step.depth;
    const auto op = static_cast<evm::Op>(step.opcode);
    is_creation_ = op == evm::Op::create || op == evm::Op::create2;
    head_.clear();
    fmt::format_to(std::back_inserter(head_), R"({{"pc":{},"op":"{}","gas":{})", step.pc,
                   opcode_name(step.opcode), step.gas);
    write_views(step, host);
}

void StructLogger::write_views(const evm::Step& step, evm::Host& host) {
    tail_.clear();
    JsonWriter out{tail_};
    out.begin_object();
    if (!options_.disable_stack) {
        out.key("stack").begin_array();
        for (const auto& word : step.stack)
            out.quantity(word);
        out.end_array();
    }
    if (options_.enable_return_data && !step.return_data.empty())
        out.key("returnData").data(step.return_data);
    if (options_.enable_memory && !step.memory.empty()) {
        out.key("memory").begin_array();
        for (std::size_t i = 0; i + 32 <= step.memory.size(); i += 32)
            out.data(step.memory.subspan(i, 32));
        out.end_array();
    }
    if (!options_.disable_storage) write_storage(out, step);
    if (const auto refund = host.refund(); refund > 0) out.key("refund").number(std::uint64_t(refund));
    out.end_object();
}

void StructLogger::write_storage(JsonWriter& out, const evm::Step& step) {
    const auto op = static_cast<evm::Op>(step.opcode);
    const auto needed = op == evm::Op::sload ? 1U : op == evm::Op::sstore ? 2U : 0U;
    if (needed == 0 || step.stack.size() < needed) return;
    const auto& contract = step.message->recipient;
    const auto& key = stack_word(step, 0);
    auto& slots = storage_[contract];
    slots[key] = op == evm::Op::sstore ? stack_word(step, 1) : state_->storage(contract, key);
    out.key("storage").begin_object();
    for (const auto& [slot, value] : slots)
        out.key(base::to_hex_prefixed(slot.to_hash())).word(value);
    out.end_object();
}

void StructLogger::on_step_cost(evm::Gas cost, evm::Status status) {
    texts_.on_step_cost(status);
    if (pending_ != Pending::step) return;
    pending_ = Pending::step_with_cost;
    cost_ = cost;
    error_ = texts_.step_failure();
}

void StructLogger::on_enter(const evm::Message& message, evm::Host&) {
    // geth counts the gas handed to a callee as CALL's cost, but not as CREATE's.
    if (pending_ == Pending::step_with_cost && is_creation_) cost_ -= message.gas;
    write_entry();
    texts_.on_enter();
}

void StructLogger::write_entry() {
    if (std::exchange(pending_, Pending::nothing) != Pending::step_with_cost) return;
    if (!entries_.empty()) entries_ += ',';
    entries_ += head_;
    fmt::format_to(std::back_inserter(entries_), R"(,"gasCost":{},"depth":{})", cost_, depth_ + 1);
    if (!error_.empty()) {
        entries_ += R"(,"error":)";
        JsonWriter{entries_}.string(error_);
    }
    // tail_ is an object of its own, "{}" or "{…}", whose opening brace is head_'s.
    if (tail_.size() > 2) {
        entries_ += ',';
        entries_.append(tail_, 1);
    } else {
        entries_ += '}';
    }
}

void StructLogger::on_exit(const evm::Message& message, const evm::CallResult& result, evm::Host&) {
    write_entry();
    texts_.on_exit(message, result);
    if (message.depth != 0) return;
    status_ = result.status;
    output_ = result.output;
}

Answer<std::string> StructLogger::result() {
    if (options_.limit == 0 && is_full()) return too_many_findings();
    const bool failed = status_ != evm::Status::success;
    std::string text;
    text.reserve(entries_.size() + 2 * output_.size() + 128);
    JsonWriter out{text};
    out.begin_object();
    out.key("gas").number(gas_used_);
    out.key("failed").boolean(failed);
    const bool shows_output = !failed || status_ == evm::Status::revert;
    out.key("returnValue").data(shows_output ? BytesView{output_} : BytesView{});
    out.key("structLogs").begin_array();
    if (!entries_.empty()) out.raw(entries_);
    out.end_array();
    out.end_object();
    return text;
}

}  // namespace valence::rpc::tracers
