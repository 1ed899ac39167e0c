#pragma once

#include <span>

#include "valence/zk/protocol/proof/channel.hpp"
#include "valence/zk/protocol/sums/fractional_sum.hpp"

namespace valence::zk {

/// Numerators of fractions in order: first `ones` times 1 (lookups), then `rest` (a table's multiplicities,
/// negated).
struct Numerators {
    std::size_t ones = 0;
    std::span<const Goldilocks> rest;

    std::size_t size() const { return ones + rest.size(); }
};

/// Proves that the fractions sum to zero with no denominator zero; protocol/sums/fractional_sum.hpp. As many
/// denominators as numerators, at least one. If they do not sum to zero the proof is one that is refused.
/// Cheapest if at least half of the next power of two are ones. Memory beside the denominators, in degree 2,
/// per leaf of the next power of two: 44 bytes, or 64 if fewer than half of them are ones.
///
/// Bound, in extension products per leaf: 2 for the tree, 3 for the leaves' own rounds, 5 and half of one for
/// the layers above; degree 2 takes some 37 ns of one AVX2 core (bench/zk/sums_bench.cpp).
template <typename E>
FractionalClaim<E> prove_fractional_sum(const Numerators& numerators, std::span<const E> denominators,
                                        ProverChannel& channel);

}  // namespace valence::zk
