// Fused instructions: bodies of the sequences in fusion.hpp, and the one check before each.
#pragma once

#include "valence/evm/fusion.hpp"
#include "valence/evm/instructions/dispatch.hpp"

namespace valence::evm {

/// What a sequence needs beforehand so that none of its instructions fails for want of operands, room or
/// static gas.
struct Needs {
    int operands = 0;
    int room = 0;
    Gas gas = 0;
    Revision since = Revision::frontier;

    /// Adds an instruction that runs with the stack `change` words higher than at the start.
    constexpr void add(Op op, int& change) {
        const auto& facts = info(op);
        operands = std::max(operands, facts.in - change);
        change += facts.out - facts.in;
        room = std::max(room, change);
        gas += facts.gas;
        since = std::max(since, facts.since);
    }
};

constexpr Needs needs_of(const Fusion& fusion) {
    Needs needs;
    int change = 0;
    needs.add(fusion.first, change);
    if (fusion.then_jumpi) needs.add(kPush2, change);
    needs.add(fusion.second, change);
    // A jump to a known destination runs the JUMPDEST there too.
    const bool known = fusion.then_jumpi || fusion.first == kPush2;
    if (known && (fusion.second == Op::jump || fusion.second == Op::jumpi))
        needs.gas += info(Op::jumpdest).gas;
    return needs;
}

/// The condition of a comparison that feeds JUMPI.
template <Op op>
VALENCE_INLINE bool compare(const U256* top) {
    if constexpr (op == Op::iszero) {
        return top[-1].is_zero();
    } else {
        return binary<op>(top[-1], top[-2]) != 0;
    }
}

/// To a destination known to be one, past its JUMPDEST; the immediate of PUSH2 is at `immediate`.
VALENCE_INLINE void jump_to_known(const Frame& frame, Cursor& cursor, const std::uint8_t* immediate) {
    cursor.pc = frame.code_begin + read_immediate<2>(immediate).limbs[0] + 1;
}

template <Rules rules, Op first, Op second>
VALENCE_INLINE bool run_pair(Frame& frame, Cursor& cursor) {
    U256* const top = cursor.top;
    constexpr auto kLength = 2 + info(first).immediate + info(second).immediate;
    constexpr auto kChange = info(first).out - info(first).in + info(second).out - info(second).in;
    constexpr auto kFirst = static_cast<std::uint8_t>(first);
    const auto move_on = [&cursor]() __attribute__((always_inline)) {
        cursor.pc += kLength;
        cursor.top += kChange;
    };
    if constexpr (kIsPush<first> && kIsBinary<second>) {
        const U256 constant{read_immediate<kFirst - 0x5f>(cursor.pc + 1).limbs[0]};
        put(top[-1], binary<second>(constant, top[-1]));
        move_on();
        return true;
    } else if constexpr (kIsDup<first> && kIsBinary<second>) {
        put(top[-1], binary<second>(top[-(kFirst - 0x7f)], top[-1]));
        move_on();
        return true;
    } else if constexpr (kIsBinary<first> && kIsBinary<second>) {
        put(top[-3], binary<second>(binary<first>(top[-1], top[-2]), top[-3]));
        move_on();
        return true;
    } else if constexpr (kIsSwap<first> && second == Op::pop) {
        put(top[-(kFirst - 0x8f) - 1], top[-1]);
        move_on();
        return true;
    } else if constexpr (first == Op::add && second == swap(1)) {
        const U256 sum = top[-1] + top[-2];
        put(top[-2], top[-3]);
        put(top[-3], sum);
        move_on();
        return true;
    } else if constexpr (first == dup(2) && second == Op::mstore) {
        auto gas = cursor.gas;
        const bool ok = touch_memory(frame, top[-2], 32, gas);
        cursor.gas = gas;
        if (!ok) [[unlikely]]
            return fail(frame, Status::out_of_gas);
        top[-1].store_be32(frame.memory.data() + top[-2].low_u64());
        move_on();
        return true;
    } else {
        // One after the other; what they gain is the jump between them and the checks.
        if (!run_body<rules, first>(frame, cursor)) return false;
        cursor.pc += 1 + info(first).immediate;
        cursor.top += info(first).out - info(first).in;
        if constexpr (second == Op::jump) {
            const U256* const destination = --cursor.top;
            return jump_to<rules>(frame, cursor, *destination);
        } else {
            if (!run_body<rules, second>(frame, cursor)) return false;
            cursor.pc += 1 + info(second).immediate;
            cursor.top += info(second).out - info(second).in;
            return true;
        }
    }
}

/// The fused instruction a byte stands for, or the plain one its sequence begins with if that would fail.
template <Rules rules, std::uint8_t byte>
VALENCE_INLINE bool step_fused(Frame& frame, Cursor& cursor) {
    constexpr const Fusion& fusion = fusion_of(byte);
    constexpr auto first = fusion.first;
    constexpr auto second = fusion.second;
    constexpr auto needs = needs_of(fusion);
    constexpr auto kWord = static_cast<int>(sizeof(U256));
    bool lacks = cursor.gas < needs.gas;
    if constexpr (needs.operands > 0) lacks |= stack_bytes(cursor.top) < needs.operands * kWord;
    if constexpr (needs.room > 0) {
        lacks |= stack_bytes(cursor.top) > (static_cast<int>(kStackLimit) - needs.room) * kWord;
    }
    if constexpr (needs.since > rules.oldest) lacks |= frame.environment->revision < needs.since;
    if (lacks) [[unlikely]]
        return check_and_run<rules, static_cast<std::uint8_t>(first)>(frame, cursor);

    cursor.gas -= needs.gas;
    if constexpr (fusion.then_jumpi) {
        const bool taken = compare<first>(cursor.top);
        cursor.top -= info(first).in;
        if (taken) {
            jump_to_known(frame, cursor, cursor.pc + 2);
        } else {
            cursor.gas += info(Op::jumpdest).gas;
            cursor.pc += 5;
        }
        return true;
    } else if constexpr (first == kPush2 && second == Op::jump) {
        jump_to_known(frame, cursor, cursor.pc + 1);
        return true;
    } else if constexpr (first == kPush2 && second == Op::jumpi) {
        --cursor.top;
        if (!cursor.top->is_zero()) {
            jump_to_known(frame, cursor, cursor.pc + 1);
        } else {
            cursor.gas += info(Op::jumpdest).gas;
            cursor.pc += 4;
        }
        return true;
    } else {
        return run_pair<rules, first, second>(frame, cursor);
    }
}

}  // namespace valence::evm
