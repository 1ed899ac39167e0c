#include "valence/rpc/tracers/failure_texts.hpp"

#include <fmt/format.h>

#include "valence/rpc/tracers/opcode_facts.hpp"

namespace valence::rpc::tracers {

using evm::Status;

namespace {

/// EIP-2200: SSTORE refuses to run with this much gas or less.
constexpr evm::Gas kReentrancySentry = 2'300;

/// What geth's precompiles say of their input. The machine tells only that they failed; the address and the
/// input's length tell which of the texts applies.
std::string precompile_failure_text(const evm::Message& message) {
    const auto size = message.input.size();
    const auto number = U256::from_address(message.code_address);
    const auto is_wrong_length = [&](std::size_t unit) { return size == 0 || size % unit != 0; };
    switch (number.fits_u64() ? number.low_u64() : 0) {
        case 0x05:
            return "one or more of base/exponent/modulus length exceeded 1024 bytes";
        case 0x06:
        case 0x07:
            return "bn256: malformed point";
        case 0x08:
            return size % 192 != 0 ? "bad elliptic curve pairing size" : "bn256: malformed point";
        case 0x09:
            return size != 213 ? "invalid input length" : "invalid final flag";
        case 0x0a:
            return size != 192 ? "invalid input length" : "error verifying kzg proof";
        case 0x0b:
            return size != 256 ? "invalid input length" : "invalid point: not on curve";
        case 0x0c:
            return is_wrong_length(160) ? "invalid input length" : "invalid point: not on curve";
        case 0x0d:
            return size != 512 ? "invalid input length" : "invalid point: not on curve";
        case 0x0e:
            return is_wrong_length(288) ? "invalid input length" : "invalid point: not on curve";
        case 0x0f:
            return is_wrong_length(384) ? "invalid input length" : "invalid point: not on curve";
        case 0x10:
            return size != 64 ? "invalid input length" : "invalid field element top bytes";
        case 0x11:
            return size != 128 ? "invalid input length" : "invalid field element top bytes";
        default:
            return "precompile failed";
    }
}

bool failed_before_running(Status status) {
    return status == Status::out_of_gas || status == Status::stack_overflow ||
           status == Status::stack_underflow;
}

}  // namespace

std::string failure_text(Status status) {
    switch (status) {
        case Status::success:
            return {};
        case Status::revert:
            return "execution reverted";
        case Status::out_of_gas:
            return "out of gas";
        case Status::undefined_instruction:
            return "invalid opcode";
        case Status::invalid_instruction:
            return "invalid opcode: INVALID";
        case Status::stack_overflow:
            return "stack limit reached 1024 (1023)";
        case Status::stack_underflow:
            return "stack underflow";
        case Status::bad_jump_destination:
            return "invalid jump destination";
        case Status::return_data_out_of_bounds:
            return "return data out of bounds";
        case Status::static_mode_violation:
            return "write protection";
        case Status::call_depth_exceeded:
            return "max call depth exceeded";
        case Status::insufficient_balance:
            return "insufficient balance for transfer";
        case Status::nonce_overflow:
            return "nonce uint64 overflow";
        case Status::address_collision:
            return "contract address collision";
        case Status::code_too_large:
            return "max code size exceeded";
        case Status::code_starts_with_ef:
            return "invalid code: must not begin with 0xef";
        case Status::init_code_too_large:
            return "max initcode size exceeded";
        case Status::precompile_failure:
            return "precompile failed";
        case Status::abandoned:
            return "execution abandoned";
    }
    return "unknown failure";
}

void FailureTexts::on_step(const evm::Step& step) {
    if (frames_.empty()) frames_.emplace_back();
    frames_.back() = {true, step.opcode, step.stack.size(), step.gas, Status::success};
}

void FailureTexts::on_step_cost(Status status) {
    if (!frames_.empty()) frames_.back().status = status;
}

std::string FailureTexts::on_exit(const evm::Message& message, const evm::CallResult& result) {
    LastStep last;
    if (!frames_.empty()) {
        last = frames_.back();
        frames_.pop_back();
    }
    if (result.status == Status::precompile_failure) return precompile_failure_text(message);
    const bool returned = last.seen && last.status == Status::success;
    if (result.status == Status::out_of_gas && evm::is_create(message.kind) && returned) {
        return "contract creation code storage out of gas";
    }
    return last.seen ? describe(result.status, last) : failure_text(result.status);
}

std::optional<evm::Op> FailureTexts::running_op() const {
    if (frames_.empty() || !frames_.back().seen) return std::nullopt;
    return static_cast<evm::Op>(frames_.back().opcode);
}

std::string FailureTexts::step_failure() const {
    if (frames_.empty() || !failed_before_running(frames_.back().status)) return {};
    return describe(frames_.back().status, frames_.back());
}

std::string FailureTexts::describe(Status status, const LastStep& step) const {
    switch (status) {
        case Status::undefined_instruction:
            return "invalid opcode: " + opcode_name(step.opcode);
        case Status::stack_underflow:
            return fmt::format("stack underflow ({} <=> {})", step.stack_height, stack_required(step.opcode));
        case Status::stack_overflow:
            return fmt::format("stack limit reached {} ({})", step.stack_height, stack_limit(step.opcode));
        case Status::out_of_gas:
            if (static_cast<evm::Op>(step.opcode) == evm::Op::sstore &&
                revision_ >= evm::Revision::istanbul && step.gas <= kReentrancySentry) {
                return "out of gas: not enough gas for reentrancy sentry";
            }
            return failure_text(status);
        default:
            return failure_text(status);
    }
}

}  // namespace valence::rpc::tracers
