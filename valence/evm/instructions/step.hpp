// What every instruction body sees: the cursor (the interpreter's registers), the frame, and how to fail.
#pragma once

#include "valence/evm/frame.hpp"

// Bodies must melt into the loop, or the cursor would live in memory.
#define VALENCE_INLINE [[gnu::always_inline]] inline

namespace valence::evm {

struct Cursor {
    const std::uint8_t* pc;
    /// One past the top word.
    U256* top;
    Gas gas;
};

/// What an instruction outside the loop answers: the gas left (in registers, unlike an out-parameter).
struct Done {
    Gas gas;
    bool ok;
};

/// Ends the frame with a failure. The gas may be negative, so that its difference is still the cost.
[[gnu::cold, gnu::noinline]] inline bool fail(Frame& frame, Status status) {
    frame.exit = Exit::done;
    frame.status = status;
    frame.output = {};
    return false;
}

[[gnu::cold, gnu::noinline]] inline Done fail(Frame& frame, Status status, Gas gas) {
    return {gas, fail(frame, status)};
}

[[gnu::noinline]] inline Gas expand_memory(Frame& frame, std::uint64_t end, Gas gas) {
    return frame.memory.expand(end, gas);
}

/// Makes `size` bytes at `offset` addressable; `gas` turns negative if that cannot be paid.
VALENCE_INLINE bool touch_memory(Frame& frame, const U256& offset, std::uint64_t size, Gas& gas) {
    if (!offset.fits_u64() || offset.low_u64() > Memory::kMaxOffset) [[unlikely]] {
        gas = -1;
        return false;
    }
    const auto end = offset.low_u64() + size;
    if (end > frame.memory.size()) [[unlikely]] {
        gas = expand_memory(frame, end, gas);
        return gas >= 0;
    }
    return true;
}

/// The same for a size from the stack; no bytes need no memory, wherever they are.
VALENCE_INLINE bool touch_memory(Frame& frame, const U256& offset, const U256& size, Gas& gas) {
    if (size.is_zero()) return true;
    if (!size.fits_u64() || size.low_u64() > Memory::kMaxOffset) [[unlikely]] {
        gas = -1;
        return false;
    }
    return touch_memory(frame, offset, size.low_u64(), gas);
}

constexpr Gas words(std::uint64_t bytes) { return static_cast<Gas>((bytes + 31) / 32); }

}  // namespace valence::evm
