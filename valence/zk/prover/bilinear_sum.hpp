#pragma once

#include <span>

#include "valence/zk/protocol/proof/channel.hpp"
#include "valence/zk/protocol/sums/bilinear_sum.hpp"

namespace valence::zk {

/// A pair of tables of 2^m values, the left one over the base field or over E. They are only read.
template <typename E>
struct BilinearTerm {
    BilinearTerm(std::span<const E> l, std::span<const E> r) : left(l), right(r) {}
    BilinearTerm(std::span<const Goldilocks> l, std::span<const E> r) : base_left(l), right(r) {}

    std::span<const E> left;
    std::span<const Goldilocks> base_left;  // one of the two lefts is empty
    std::span<const E> right;
};

/// Proves that Σ_t Σ_k left_t[k]·right_t[k] = sum; protocol/sums/bilinear_sum.hpp. If it is not, the proof is
/// one that is refused. Memory: half of each table that has the most variables, over E.
template <typename E>
BilinearClaim<E> prove_bilinear_sum(std::span<const BilinearTerm<E>> terms, const E& sum,
                                    ProverChannel& channel);

}  // namespace valence::zk
