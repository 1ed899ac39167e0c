// The inner loops of all sumchecks, behind one dispatch: every kernel works on a block of indices
// [begin, begin + count) of tables that lie in memory as arrays of E.
//
// Tables are bound from the most significant bit: a table of 2·pairs values folds by r to pairs values,
// fold(f, r)[x] = f[x] + r·(f[x + pairs] − f[x]). A round's message needs a product's values at X = 0 (from
// the lower halves) and its coefficient of X² ("at infinity": from the differences of the halves).
#pragma once

#include <array>
#include <cstddef>

#include "valence/zk/prover/instruction_set.hpp"
#include "valence/zk/prover/polynomial/multiplier.hpp"

namespace valence::zk {

struct Block {
    std::size_t begin = 0;
    std::size_t count = 0;
};

/// How many indices the widest vector kernel takes at a time.
inline constexpr std::size_t kKernelLanes = 8;
/// Sums are of blocks of at most so many indices.
inline constexpr std::size_t kMostSummed = 1024;

/// A block's sums at 0 and at infinity, lane by lane: their total is the sum.
template <typename E>
struct LaneSums {
    std::array<E, kKernelLanes> zero{};
    std::array<E, kKernelLanes> infinity{};
};

/// A layer of fractions p/q, halves apart: a node's children are p0[i]/q0[i] and p1[i]/q1[i].
template <typename E>
struct FractionTables {
    E* p0;
    E* p1;
    E* q0;
    E* q1;
};

/// The lowest layer where all numerators of the first half are 1.
template <typename E>
struct LeafTables {
    const E* q0;
    const E* q1;
    const Goldilocks* p1;
};
/// The same, folded; f = p1 + λ·q1.
template <typename E>
struct FoldedLeafTables {
    E* q0;
    E* q1;
    E* f;
};

template <typename E>
struct RoundKernels {
    using C = const Multiplier<E>&;
    using Eq = const E*;  // weights of the block's indices: eq[0] is that of index `begin`
    using Sums = LaneSums<E>&;

    /// to[x] = from[x] + r·(from[x + pairs] − from[x]); `to` may be `from`.
    void (*fold)(const E* from, E* to, std::size_t pairs, Block, C r);
    void (*fold_base)(const Goldilocks* from, E* to, std::size_t pairs, Block, C r);
    /// high[x] = r·from[x], low[x] = from[x] − high[x]; `low` may be `from`.
    void (*expand)(const E* from, E* low, E* high, Block, C r);
    /// Σ a·b into sums.zero.
    void (*inner_product)(const E* a, const E* b, Block, Sums);
    void (*inner_product_base)(const Goldilocks* a, const E* b, Block, Sums);
    /// to[x] += factor·from[x].
    void (*add_multiple)(const E* from, const E& factor, E* to, Block);
    void (*add_multiple_base)(const Goldilocks* from, const E& factor, E* to, Block);

    /// Layers of a tree of fractions: p = p0·q1 + p1·q0, q = q0·q1.
    void (*join)(const FractionTables<E>&, E* p, E* q, Block);
    /// With p0 = 1; and with p0 = p1 = 1.
    void (*join_leaves)(const LeafTables<E>&, E* p, E* q, Block);
    void (*join_ones)(const LeafTables<E>&, E* p, E* q, Block);

    /// Σ eq·(p0·q1 + q0·(p1 + λ·q1)): p1 becomes p1 + λ·q1, at x and x + pairs; then the sums.
    void (*fraction_first)(const FractionTables<E>&, std::size_t pairs, Block, Eq, C lambda, Sums);
    /// Folds four tables of 4·pairs values by r in place, then the sums over the next variable.
    void (*fraction_next)(const FractionTables<E>&, std::size_t pairs, Block, Eq, C r, Sums);
    /// Σ eq·(q1 + q0·f) with f = p1 + λ·q1, the tables left as they are.
    void (*leaf_first)(const LeafTables<E>&, std::size_t pairs, Block, Eq, C lambda, Sums);
    /// Folds tables of 4·pairs values by r to others of half the size, then the sums over the next variable.
    void (*leaf_second)(const LeafTables<E>&, const FoldedLeafTables<E>& to, std::size_t pairs, Block, Eq,
                        C lambda, C r, Sums);
    void (*leaf_next)(const FoldedLeafTables<E>&, std::size_t pairs, Block, Eq, C r, Sums);

    /// Σ a·b over pairs; and after folding tables of 4·pairs values by r (`to` may be the table itself).
    void (*bilinear_first)(const E* a, const E* b, std::size_t pairs, Block, Sums);
    void (*bilinear_first_base)(const Goldilocks* a, const E* b, std::size_t pairs, Block, Sums);
    void (*bilinear_next)(const E* a, const E* b, E* to_a, E* to_b, std::size_t pairs, Block, C r, Sums);
    void (*bilinear_next_base)(const Goldilocks* a, const E* b, E* to_a, E* to_b, std::size_t pairs, Block,
                               C r, Sums);
};

template <typename E>
const RoundKernels<E>& portable_round_kernels();
/// Only where the machine has AVX2, and for blocks whose lengths are multiples of 4.
template <typename E>
const RoundKernels<E>& avx2_round_kernels();
/// Only where the machine has InstructionSet::avx512, and for blocks whose lengths are multiples of 8.
template <typename E>
const RoundKernels<E>& avx512_round_kernels();

/// The fastest for blocks of this length, or of multiples of it.
template <typename E>
const RoundKernels<E>& round_kernels(std::size_t count, InstructionSet instructions = best_instruction_set());

}  // namespace valence::zk
