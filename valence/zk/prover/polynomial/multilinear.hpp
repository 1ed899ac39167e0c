// Multilinear polynomials as tables of their 2^m values: binding variables, evaluating, inner products. The
// first variable belongs to the most significant bit of the index.
#pragma once

#include <span>
#include <vector>

#include "valence/zk/protocol/field/extension.hpp"
#include "valence/zk/prover/polynomial/table.hpp"

namespace valence::zk {

/// Binds the first variable to r: f[x] + r·(f[x + half] − f[x]). The table has at least two values.
template <typename E>
Table<E> fold(std::span<const E> table, const E& r);
template <typename E>
Table<E> fold(std::span<const Goldilocks> table, const E& r);
/// The same in place: the table's first half becomes the folded table.
template <typename E>
void fold_in_place(std::span<E> table, const E& r);

/// The value at a point of m coordinates of the polynomial with 2^m values.
template <typename E>
E evaluate(std::span<const E> table, std::span<const E> point);
template <typename E>
E evaluate(std::span<const Goldilocks> table, std::span<const E> point);

/// to[i] += factor·from[i].
template <typename E>
void add_multiple(std::span<const E> from, const E& factor, E* to);
template <typename E>
void add_multiple(std::span<const Goldilocks> from, const E& factor, E* to);

/// Σ a[i]·b[i]; of any, equal length.
template <typename E>
E inner_product(std::span<const E> a, std::span<const E> b);
template <typename E>
E inner_product(std::span<const Goldilocks> a, std::span<const E> b);

}  // namespace valence::zk
