#include "valence/rpc/tracers/call_frames.hpp"

#include "valence/codec/abi.hpp"

namespace valence::rpc::tracers {

namespace {

/// Ends a frame with what the machine answered. Output of a failed frame is kept for reverts only.
void finish(CallFrame& frame, const evm::CallResult& result, std::string error) {
    frame.error = std::move(error);
    if (!frame.failed()) {
        frame.output = result.output;
        return;
    }
    if (frame.is_creation()) frame.to.reset();
    if (result.status != evm::Status::revert || result.output.empty()) return;
    frame.output = result.output;
    frame.revert_reason = codec::abi_revert_reason(frame.output).value_or(std::string{});
}

/// A failed frame's logs, and those of all frames below it, were never emitted.
void drop_failed_logs(CallFrame& frame, bool parent_failed) {
    const bool failed = parent_failed || frame.failed();
    if (failed) frame.logs.clear();
    for (auto& call : frame.calls)
        drop_failed_logs(call, failed);
}

}  // namespace

Address caller_of(const evm::Message& message) {
    return message.kind == evm::CallKind::delegate_call ? message.recipient : message.sender;
}

Address callee_of(const evm::Message& message) {
    return evm::is_create(message.kind) ? message.recipient : message.code_address;
}

void CallFrames::on_transaction_start(const TransactionStart& start) {
    texts_.set_revision(start.revision);
    gas_limit_ = start.gas_limit;
    log_index_ = start.position.first_log_index;
}

void CallFrames::on_transaction_end(std::uint64_t gas_used) {
    if (!root_) return;
    root_->gas_used = gas_used;
    if (options_.with_logs) drop_failed_logs(*root_, false);
}

void CallFrames::on_enter(const evm::Message& message) {
    // The instruction that opened the frame tells STATICCALL from a CALL made while static.
    const auto op =
        texts_.running_op().value_or(evm::is_create(message.kind) ? evm::Op::create : evm::Op::call);
    texts_.on_enter();
    log_checkpoints_.push_back(log_index_);
    if (options_.only_top_call && message.depth > 0) return;
    CallFrame frame;
    frame.op = op;
    frame.from = caller_of(message);
    frame.to = callee_of(message);
    frame.gas = message.depth == 0 ? gas_limit_ : static_cast<std::uint64_t>(message.gas);
    frame.input = base::to_bytes(message.input);
    bytes_ += sizeof frame + frame.input.size();
    if (frame.op != evm::Op::staticcall) frame.value = message.value;
    stack_.push_back(std::move(frame));
}

void CallFrames::on_exit(const evm::Message& message, const evm::CallResult& result) {
    auto error = texts_.on_exit(message, result);
    if (!log_checkpoints_.empty()) {
        if (!error.empty()) log_index_ = log_checkpoints_.back();
        log_checkpoints_.pop_back();
    }
    if ((options_.only_top_call && message.depth > 0) || stack_.empty()) return;
    auto frame = std::move(stack_.back());
    stack_.pop_back();
    frame.gas_used = static_cast<std::uint64_t>(message.gas - result.gas_left);
    finish(frame, result, std::move(error));
    bytes_ += frame.output.size();
    if (stack_.empty()) {
        root_ = std::move(frame);
    } else {
        stack_.back().calls.push_back(std::move(frame));
    }
}

void CallFrames::on_log(const evm::Log& log) {
    const auto index = log_index_++;
    const bool in_subcall = log_checkpoints_.size() > 1;
    if (!options_.with_logs || stack_.empty() || (options_.only_top_call && in_subcall)) return;
    stack_.back().logs.push_back({log, index, stack_.back().calls.size()});
    bytes_ += sizeof(FrameLog) + log.data.size();
}

void CallFrames::on_self_destruct(const Address& account, const Address& beneficiary, const U256& balance) {
    if (options_.only_top_call || stack_.empty()) return;
    CallFrame frame;
    frame.op = evm::Op::selfdestruct;
    frame.from = account;
    frame.to = beneficiary;
    frame.value = balance;
    bytes_ += sizeof frame;
    stack_.back().calls.push_back(std::move(frame));
}

}  // namespace valence::rpc::tracers
