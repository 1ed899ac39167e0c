#include "valence/rpc/tracers/erc7562_tracer.hpp"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "valence/rpc/tracers/call_tracer.hpp"
#include "valence/rpc/tracers/opcode_facts.hpp"
#include "valence/rpc/tracers/step_memory.hpp"
#include "valence/rpc/tracers/tracer_config.hpp"

namespace valence::rpc::tracers {

namespace {

using evm::Op;

constexpr Op kIgnored[] = {Op::pop, Op::add, Op::sub, Op::mul, Op::div,  Op::eq,  Op::lt,   Op::gt,
                           Op::slt, Op::sgt, Op::shl, Op::shr, Op::and_, Op::or_, Op::not_, Op::iszero};

std::array<bool, 256> default_ignored() {
    std::array<bool, 256> ignored{};
    for (auto op = static_cast<std::size_t>(Op::push0); op <= static_cast<std::size_t>(Op::swap16); ++op) {
        ignored[op] = true;
    }
    for (const auto op : kIgnored)
        ignored[static_cast<std::size_t>(op)] = true;
    return ignored;
}

/// `ignoredOpcodes`: an array of quantities ("0x5b").
Answer<std::array<bool, 256>> read_ignored(const boost::json::value& value) {
    const auto* list = value.if_array();
    if (list == nullptr)
        return wrong_type(value, "erc7562TracerConfig", "ignoredOpcodes", "[]hexutil.Uint64");
    std::array<bool, 256> ignored{};
    for (const auto& item : *list) {
        const auto* text = item.if_string();
        const auto opcode = text != nullptr ? U256::from_hex({text->data(), text->size()}) : std::nullopt;
        if (!opcode) return wrong_type(item, "erc7562TracerConfig", "ignoredOpcodes", "hexutil.Uint64");
        ignored[opcode->low_u64() & 0xff] = true;
    }
    return ignored;
}

bool reads_foreign_code(Op op) {
    return op == Op::extcodehash || op == Op::extcodesize || op == Op::extcodecopy;
}

void write_counts(JsonWriter& out, std::string_view name, const std::map<U256, std::uint64_t>& counts) {
    out.key(name).begin_object();
    for (const auto& [slot, count] : counts)
        out.key(base::to_hex_prefixed(slot.to_hash().bytes)).number(count);
    out.end_object();
}

}  // namespace

Answer<std::unique_ptr<TransactionTracer>> Erc7562Tracer::from_config(const boost::json::value& config) {
    Options options;
    options.ignored = default_ignored();
    BOOST_OUTCOME_TRY(read_booleans(config, "erc7562TracerConfig", {{"withLog", &options.with_logs}}));
    if (const auto* object = config.if_object()) {
        if (const auto* ignored = object->if_contains("ignoredOpcodes");
            ignored != nullptr && !ignored->is_null()) {
            BOOST_OUTCOME_TRY(options.ignored, read_ignored(*ignored));
        }
    }
    return std::make_unique<Erc7562Tracer>(options);
}

void Erc7562Tracer::on_transaction_start(const TransactionStart& start) {
    state_ = start.state;
    calls_.on_transaction_start(start);
}

void Erc7562Tracer::on_enter(const evm::Message& message, evm::Host&) {
    calls_.on_enter(message);
    stack_.emplace_back();
}

void Erc7562Tracer::on_exit(const evm::Message& message, const evm::CallResult& result, evm::Host&) {
    calls_.on_exit(message, result);
    if (stack_.empty()) return;
    auto frame = std::move(stack_.back());
    stack_.pop_back();
    if (stack_.empty()) {
        root_ = std::move(frame);
        return;
    }
    frame.out_of_gas = result.status == evm::Status::out_of_gas;
    stack_.back().calls.push_back(std::move(frame));
}

void Erc7562Tracer::on_self_destruct(const Address& account, const Address& beneficiary,
                                     const U256& balance) {
    calls_.on_self_destruct(account, beneficiary, balance);
    if (!stack_.empty()) stack_.back().calls.emplace_back();
}

void Erc7562Tracer::on_step(const evm::Step& step, evm::Host&) {
    calls_.on_step(step);
    if (calls_.is_full()) give_up();
    if (stack_.empty()) return;
    auto& frame = stack_.back();
    const auto op = static_cast<Op>(step.opcode);
    const bool has_operands = step.stack.size() >= stack_required(step.opcode);
    if (op == Op::revert || op == Op::return_) last_.reset();
    if (last_ && last_->top && reads_foreign_code(static_cast<Op>(last_->opcode))) {
        // Asking only whether there is code is allowed (OP-051).
        if (!(static_cast<Op>(last_->opcode) == Op::extcodesize && op == Op::iszero)) {
            frame.ext_code.push_back(last_->top->to_address());
        }
    }
    if (has_operands && (reads_foreign_code(op) || is_call(op))) {
        const auto address = stack_word(step, is_call(op) ? 1 : 0).to_address();
        if (!frame.code_sizes.contains(address)) {
            frame.code_sizes[address] = {state_->code(address)->size(), step.opcode};
        }
    }
    // GAS is allowed only directly before a call (OP-012).
    if (last_ && static_cast<Op>(last_->opcode) == Op::gas && !is_call(op)) {
        ++frame.used_opcodes[static_cast<std::uint8_t>(Op::gas)];
    }
    if (op != Op::gas && !options_.ignored[step.opcode]) ++frame.used_opcodes[step.opcode];
    if (has_operands) note_storage(step, frame);
    if (has_operands && op == Op::keccak256) {
        preimages_.insert(memory_range(step, stack_word(step, 0), stack_word(step, 1)));
    }
    last_ = LastStep{step.opcode, step.stack.empty() ? std::nullopt : std::optional{stack_word(step, 0)}};
}

void Erc7562Tracer::note_storage(const evm::Step& step, Accesses& frame) {
    switch (static_cast<Op>(step.opcode)) {
        case Op::sload: {
            // Of interest is what stood there before the frame wrote to it.
            const auto& slot = stack_word(step, 0);
            if (frame.reads.contains(slot) || frame.writes.contains(slot)) return;
            frame.reads.emplace(slot, state_->storage(step.message->recipient, slot));
            return;
        }
        case Op::sstore:
            ++frame.writes[stack_word(step, 0)];
            return;
        case Op::tload:
            ++frame.transient_reads[stack_word(step, 0)];
            return;
        case Op::tstore:
            ++frame.transient_writes[stack_word(step, 0)];
            return;
        default:
            return;
    }
}

Answer<std::string> Erc7562Tracer::result() {
    if (calls_.is_full()) return too_many_findings();
    if (calls_.root() == nullptr) return server_error("incorrect number of top-level calls");
    std::string text;
    JsonWriter out{text};
    write(out, *calls_.root(), root_, true);
    return text;
}

void Erc7562Tracer::write(JsonWriter& out, const CallFrame& frame, const Accesses& accesses,
                          bool is_root) const {
    out.begin_object();
    out.key("from").data(frame.from);
    out.key("gas").quantity(frame.gas);
    out.key("gasUsed").quantity(frame.gas_used);
    if (frame.to) out.key("to").data(*frame.to);
    out.key("input").data(frame.input);
    if (!frame.output.empty()) out.key("output").data(frame.output);
    if (frame.failed()) out.key("error").string(frame.error);
    if (!frame.revert_reason.empty()) out.key("revertReason").string(frame.revert_reason);
    if (!frame.logs.empty()) {
        out.key("logs").begin_array();
        for (const auto& log : frame.logs)
            write_frame_log(out, log);
        out.end_array();
    }
    if (frame.value) out.key("value").quantity(*frame.value);
    out.key("accessedSlots").begin_object();
    out.key("reads").begin_object();
    for (const auto& [slot, value] : accesses.reads) {
        out.key(base::to_hex_prefixed(slot.to_hash().bytes)).begin_array();
        out.word(value);
        out.end_array();
    }
    out.end_object();
    write_counts(out, "writes", accesses.writes);
    write_counts(out, "transientReads", accesses.transient_reads);
    write_counts(out, "transientWrites", accesses.transient_writes);
    out.end_object();
    out.key("extCodeAccessInfo").begin_array();
    for (const auto& address : accesses.ext_code)
        out.data(address);
    out.end_array();
    out.key("usedOpcodes").begin_object();
    for (const auto& [opcode, count] : accesses.used_opcodes)
        out.key(fmt::format("{:#x}", opcode)).number(count);
    out.end_object();
    out.key("contractSize").begin_object();
    for (const auto& [address, code] : accesses.code_sizes) {
        out.key(base::to_hex_prefixed(address.bytes)).begin_object();
        out.key("contractSize").number(std::uint64_t{code.size});
        out.key("opcode").number(std::uint64_t{code.opcode});
        out.end_object();
    }
    out.end_object();
    out.key("outOfGas").boolean(accesses.out_of_gas);
    if (is_root && !preimages_.empty()) {
        out.key("keccak").begin_array();
        for (const auto& preimage : preimages_)
            out.data(preimage);
        out.end_array();
    }
    if (!frame.calls.empty()) {
        out.key("calls").begin_array();
        // on_enter and on_self_destruct add to both trees at once.
        for (std::size_t i = 0; i < frame.calls.size(); ++i)
            write(out, frame.calls[i], accesses.calls[i], false);
        out.end_array();
    }
    out.key("type").string(evm::info(frame.op).name);
    out.end_object();
}

}  // namespace valence::rpc::tracers
