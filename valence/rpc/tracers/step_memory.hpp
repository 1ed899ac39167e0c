// Reading what an instruction names of the stack and the memory, as a tracer sees them before it runs.
#pragma once

#include "valence/evm/tracer.hpp"

namespace valence::rpc::tracers {

/// A range this long or longer is not copied: no run has the gas for such a memory.
inline constexpr std::uint64_t kMaxTracedRange = std::uint64_t{1} << 26;

/// The n-th word from the top, which the caller knows to be there.
inline const U256& stack_word(const evm::Step& step, std::size_t from_top) {
    return step.stack[step.stack.size() - 1 - from_top];
}

/// Memory from `offset`, with zeros where it is not reached yet; empty for ranges longer than
/// kMaxTracedRange.
Bytes memory_range(const evm::Step& step, const U256& offset, const U256& size);

}  // namespace valence::rpc::tracers
