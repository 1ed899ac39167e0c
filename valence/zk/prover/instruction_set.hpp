// Which machine instructions the prover's kernels use. Proofs are the same; only the time differs.
#pragma once

#include <cstdint>

namespace valence::zk {

/// Each has what those before it have. avx512 is what AMD has from Zen 4 and Intel from Ice Lake on: F, DQ,
/// BW, VL and IFMA.
enum class InstructionSet : std::uint8_t { portable, avx2, avx512 };

/// The fastest set this machine has.
inline InstructionSet best_instruction_set() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512ifma"))
        return InstructionSet::avx512;
    if (__builtin_cpu_supports("avx2")) return InstructionSet::avx2;
#endif
    return InstructionSet::portable;
}

}  // namespace valence::zk
