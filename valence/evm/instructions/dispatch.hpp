// One instruction of the loop: the checks that the opcode table asks for, then the body.
#pragma once

#include "valence/evm/instructions/call.hpp"
#include "valence/evm/instructions/context.hpp"
#include "valence/evm/instructions/memory.hpp"
#include "valence/evm/instructions/state.hpp"
#include "valence/evm/instructions/word.hpp"

namespace valence::evm {

/// What a copy of the loop is made for.
struct Rules {
    /// The oldest fork it runs. Opcodes since this one need no check of the fork.
    Revision oldest;
    /// The static gas of every opcode is the same from `oldest` on.
    bool fixed_gas;
    bool tracing;
};

/// The low bits of a stack pointer: bytes in use.
VALENCE_INLINE std::uint16_t stack_bytes(const U256* top) {
    static_assert(kStackLimit * sizeof(U256) < kFrameAlignment && kFrameAlignment == 1U << 16);
    return static_cast<std::uint16_t>(reinterpret_cast<std::uintptr_t>(top));
}

template <Rules rules>
VALENCE_INLINE bool jump_to(Frame& frame, Cursor& cursor, const U256& destination) {
    if (!destination.fits_u64() || !frame.analysis->is_jump_destination(destination.low_u64())) [[unlikely]]
        return fail(frame, Status::bad_jump_destination);
    cursor.pc = frame.code_begin + destination.low_u64();
    // The JUMPDEST there does nothing but cost 1: it is run here, unless it must be seen or cannot be paid.
    if (!rules.tracing && cursor.gas > 0) [[likely]] {
        --cursor.gas;
        ++cursor.pc;
    }
    return true;
}

/// EXP, whose price has a part for each byte of the exponent.
[[gnu::noinline]] inline Done exp(Frame& frame, U256* top, Gas gas) {
    U256& exponent = top[-2];
    gas -= gas::exp_byte(frame.environment->revision) * exponent.byte_width();
    if (gas < 0) return fail(frame, Status::out_of_gas, gas);
    exponent = power(top[-1], exponent);
    return {gas, true};
}

/// RETURN and REVERT.
VALENCE_INLINE void end_with_output(Frame& frame, const U256* top, Status status) {
    frame.exit = Exit::done;
    frame.status = status;
    frame.output =
        top[-2].is_zero() ? BytesView{} : frame.memory.view().subspan(top[-1].low_u64(), top[-2].low_u64());
}

constexpr bool is_call(Op op) {
    return op == Op::call || op == Op::callcode || op == Op::delegatecall || op == Op::staticcall ||
           op == Op::create || op == Op::create2;
}

/// The body of an instruction whose checks have passed. True: the loop goes on. Moves neither `pc` nor `top`,
/// except for jumps.
template <Rules rules, Op op>
VALENCE_INLINE bool run_body(Frame& frame, Cursor& cursor) {
    U256* const top = cursor.top;
    // What an instruction outside the loop answers goes back into the registers here.
    const auto take = [&cursor](Done done) __attribute__((always_inline)) {
        cursor.gas = done.gas;
        return done.ok;
    };
    if constexpr (kIsWord<op>) {
        run_word<op>(cursor.pc, top);
        return true;
    } else if constexpr (kIsContext<op>) {
        put(*top, read_context<op>(frame));
        return true;
    } else if constexpr (op == Op::stop) {
        frame.exit = Exit::done;
        frame.status = Status::success;
        frame.output = {};
        return false;
    } else if constexpr (op == Op::exp) {
        return take(exp(frame, top, cursor.gas));
    } else if constexpr (op == Op::keccak256) {
        return take(keccak256(frame, top, cursor.gas));
    } else if constexpr (op == Op::calldataload) {
        put(top[-1], load_padded(frame.calldata, top[-1]));
        return true;
    } else if constexpr (op == Op::calldatacopy) {
        return take(copy_padded(frame, top, frame.calldata, cursor.gas));
    } else if constexpr (op == Op::codecopy) {
        return take(copy_padded(frame, top, frame.code, cursor.gas));
    } else if constexpr (op == Op::returndatacopy) {
        return take(returndatacopy(frame, top, cursor.gas));
    } else if constexpr (op == Op::mcopy) {
        return take(mcopy(frame, top, cursor.gas));
    } else if constexpr (op == Op::mload) {
        auto gas = cursor.gas;
        const bool ok = mload(frame, top, gas);
        cursor.gas = gas;
        return ok;
    } else if constexpr (op == Op::mstore) {
        auto gas = cursor.gas;
        const bool ok = mstore(frame, top, gas);
        cursor.gas = gas;
        return ok;
    } else if constexpr (op == Op::mstore8) {
        auto gas = cursor.gas;
        const bool ok = mstore8(frame, top, gas);
        cursor.gas = gas;
        return ok;
    } else if constexpr (op == Op::pc) {
        put(*top, static_cast<std::uint64_t>(cursor.pc - frame.code_begin));
        return true;
    } else if constexpr (op == Op::gas) {
        put(*top, static_cast<std::uint64_t>(cursor.gas));
        return true;
    } else if constexpr (op == Op::jumpdest) {
        return true;
    } else if constexpr (op == Op::blobhash) {
        top[-1] = blob_hash(frame, top[-1]);
        return true;
    } else if constexpr (op == Op::balance) {
        return take(balance(frame, top, cursor.gas));
    } else if constexpr (op == Op::selfbalance) {
        return take(self_balance(frame, top, cursor.gas));
    } else if constexpr (op == Op::extcodesize) {
        return take(ext_code_size(frame, top, cursor.gas));
    } else if constexpr (op == Op::extcodehash) {
        return take(ext_code_hash(frame, top, cursor.gas));
    } else if constexpr (op == Op::extcodecopy) {
        return take(ext_code_copy(frame, top, cursor.gas));
    } else if constexpr (op == Op::blockhash) {
        return take(block_hash(frame, top, cursor.gas));
    } else if constexpr (op == Op::sload) {
        return take(sload(frame, top, cursor.gas));
    } else if constexpr (op == Op::sstore) {
        return take(sstore(frame, top, cursor.gas));
    } else if constexpr (op == Op::tload) {
        return take(tload(frame, top, cursor.gas));
    } else if constexpr (op == Op::tstore) {
        return take(tstore(frame, top, cursor.gas));
    } else if constexpr (op >= Op::log0 && op <= Op::log4) {
        return take(
            log(frame, top, cursor.gas, static_cast<std::size_t>(op) - static_cast<std::size_t>(Op::log0)));
    } else if constexpr (op == Op::create || op == Op::create2) {
        return take(prepare_create(frame, top, cursor.gas, op));
    } else if constexpr (is_call(op)) {
        return take(prepare_call(frame, top, cursor.gas, op));
    } else if constexpr (op == Op::return_ || op == Op::revert) {
        auto gas = cursor.gas;
        const bool ok = touch_memory(frame, top[-1], top[-2], gas);
        cursor.gas = gas;
        if (!ok) [[unlikely]]
            return fail(frame, Status::out_of_gas);
        end_with_output(frame, top, op == Op::return_ ? Status::success : Status::revert);
        return false;
    } else if constexpr (op == Op::selfdestruct) {
        take(self_destruct(frame, top, cursor.gas));
        return false;
    } else {
        static_assert(op == Op::invalid);
        return fail(frame, Status::invalid_instruction);
    }
}

/// Checks, body, and moving on. False: the loop is left, `frame.exit` says why.
template <Rules rules, std::uint8_t opcode>
VALENCE_INLINE bool check_and_run(Frame& frame, Cursor& cursor) {
    constexpr auto op = static_cast<Op>(opcode);
    constexpr const OpInfo& facts = kOpcodes[opcode];
    if constexpr (!facts.defined()) {
        return fail(frame, Status::undefined_instruction);
    } else {
        if constexpr (facts.since > rules.oldest) {
            if (frame.environment->revision < facts.since) [[unlikely]]
                return fail(frame, Status::undefined_instruction);
        }
        constexpr auto kWord = sizeof(U256);
        if constexpr (facts.in > 0) {
            if (stack_bytes(cursor.top) < facts.in * kWord) [[unlikely]]
                return fail(frame, Status::stack_underflow);
        }
        if constexpr (facts.out > facts.in) {
            static_assert(facts.out == facts.in + 1);
            if (stack_bytes(cursor.top) == kStackLimit * kWord) [[unlikely]]
                return fail(frame, Status::stack_overflow);
        }
        if constexpr (rules.fixed_gas) {
            constexpr Gas kGas = kStaticGas[static_cast<std::size_t>(rules.oldest)][opcode];
            static_assert(kStaticGas[kRevisionCount - 1][opcode] == kGas);
            if constexpr (kGas != 0) cursor.gas -= kGas;
        } else {
            cursor.gas -= kStaticGas[static_cast<std::size_t>(frame.environment->revision)][opcode];
        }
        if (cursor.gas < 0) [[unlikely]]
            return fail(frame, Status::out_of_gas);

        if constexpr (op == Op::jump) {
            const U256* const destination = --cursor.top;
            return jump_to<rules>(frame, cursor, *destination);
        } else if constexpr (op == Op::jumpi) {
            const U256* const destination = cursor.top - 1;
            cursor.top -= 2;
            if (!cursor.top->is_zero()) return jump_to<rules>(frame, cursor, *destination);
            ++cursor.pc;
            return true;
        } else {
            if (!run_body<rules, op>(frame, cursor)) return false;
            cursor.pc += 1 + facts.immediate;
            cursor.top += facts.out - facts.in;
            return !is_call(op);
        }
    }
}

/// The same, seen by the tracer.
template <Rules rules, std::uint8_t opcode>
VALENCE_INLINE bool step(Frame& frame, Cursor& cursor) {
    if constexpr (!rules.tracing) {
        return check_and_run<rules, opcode>(frame, cursor);
    } else {
        auto& tracer = *frame.environment->tracer;
        const auto gas_before = cursor.gas;
        tracer.on_step({.pc = static_cast<std::uint32_t>(cursor.pc - frame.code_begin),
                        .opcode = opcode,
                        .gas = gas_before,
                        .depth = frame.message->depth,
                        .stack = {frame.bottom(), cursor.top},
                        .memory = frame.memory.view(),
                        .return_data = frame.return_data,
                        .message = frame.message,
                        .code = frame.code},
                       frame.environment->host);
        if (tracer.gave_up()) [[unlikely]]
            return fail(frame, Status::abandoned);
        frame.exit = Exit::call;
        frame.status = Status::success;
        const bool goes_on = check_and_run<rules, opcode>(frame, cursor);
        // A revert is the frame's end, not the instruction's failure.
        const bool failed = !goes_on && frame.exit == Exit::done && frame.status != Status::revert;
        tracer.on_step_cost(gas_before - cursor.gas, failed ? frame.status : Status::success);
        return goes_on;
    }
}

}  // namespace valence::evm
