// What a transform does to a few rows: portable, for AVX2 and for AVX-512.
#pragma once

#include <array>
#include <cstddef>

#include "valence/zk/protocol/field/goldilocks.hpp"
#include "valence/zk/prover/instruction_set.hpp"

namespace valence::zk {

/// Rows first, first + apart, first + 2·apart, first + 3·apart.
struct FourRows {
    Goldilocks* first = nullptr;
    std::size_t apart = 0;  // in elements
    std::size_t lanes = 0;
};
/// w, w², w³.
using Twiddles = std::array<Goldilocks, 3>;

/// One radix-4 butterfly is two levels of radix-2 ones, results in place. With i = 2^48, i² = −1:
///     a' = a + b + c + d             b' = (a − b + c − d)·w²
///     c' = (a + ib − c − id)·w       d' = (a − ib − c + id)·w³
struct ButterflySteps {
    void (*four)(const FourRows&, const Twiddles&);
    /// With w = 1.
    void (*four_untwisted)(const FourRows&);
    void (*four_transposed)(const FourRows&, const Twiddles&);
    /// a + b and a − b.
    void (*two)(Goldilocks* a, Goldilocks* b, std::size_t lanes);
    void (*scale)(const Goldilocks* from, Goldilocks factor, Goldilocks* to, std::size_t lanes);
    void (*add_scaled)(const Goldilocks* from, Goldilocks factor, Goldilocks* to, std::size_t lanes);
};

extern const ButterflySteps kPortableSteps;
#if defined(__x86_64__)
extern const ButterflySteps kAvx2Steps;
extern const ButterflySteps kAvx512Steps;
#endif

inline const ButterflySteps& butterfly_steps(InstructionSet instructions) {
#if defined(__x86_64__)
    if (instructions == InstructionSet::avx512) return kAvx512Steps;
    if (instructions == InstructionSet::avx2) return kAvx2Steps;
#endif
    (void)instructions;
    return kPortableSteps;
}

}  // namespace valence::zk
