// Which machine instructions the coding kernels use. Results are the same; only the time differs.
#pragma once

#include <cstdint>

namespace valence::da {

enum class InstructionSet : std::uint8_t { portable, avx2 };

/// The fastest set this machine has.
inline InstructionSet best_instruction_set() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return InstructionSet::avx2;
#endif
    return InstructionSet::portable;
}

}  // namespace valence::da
