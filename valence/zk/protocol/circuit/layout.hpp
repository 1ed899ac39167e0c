// Where elements lie: StoredLayout in a committed vector, LeafLayout among the leaves of the sum of
// fractions. Both are blocks of a power of two at a multiple of their size, so that a point of the whole
// vector splits into a part that says which block and a part that says where in it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "valence/zk/protocol/circuit/functional.hpp"

namespace valence::zk {

/// The tensor with its axes in the order `order`, row-major, the last of them cut into blocks of 2^block_bits
/// elements, the last block filled up with zeros:
///     position = base + (flat index of the axes before the last · blocks + i_last >> b) · 2^b + (i_last mod
///     2^b)
/// What the filling holds is of no consequence: no functional gives it weight.
struct StoredLayout {
    ml::Shape shape;  // the tensor's own
    std::vector<std::uint8_t> order;
    std::uint8_t block_bits = 0;
    std::uint64_t base = 0;  // a multiple of 2^block_bits

    /// Blocks along the last axis.
    std::uint64_t blocks() const;
    /// Elements with the filling.
    std::uint64_t size() const;
};

/// A layout for a tensor, still at base 0. The last axis is the one with the largest extent (the last of
/// equals).
StoredLayout stored_layout(const ml::Shape& shape);

/// Puts layouts one after the other, the largest blocks first; sets each base. Gives the end of the last.
std::uint64_t place(std::span<StoredLayout* const> layouts);

/// The multilinear extension at `point` (of the whole committed vector's variables) of the vector that has
/// the functional's weights where the layout puts the elements, and 0 elsewhere.
template <typename E>
E evaluate(const Functional<E>& functional, const StoredLayout& layout, std::span<const E> point);
/// Adds coefficient times that vector to `table`.
template <typename E>
void add(const Functional<E>& functional, const StoredLayout& layout, std::span<E> table);

/// Groups of axes, each flattened; all but the first padded to powers of two. The first is not padded:
///     position = base + flat(groups[0])·2^inner + the others' bits, in order
/// Leaves at padded places count as 0/1.
struct LeafLayout {
    ml::Shape shape;
    std::vector<std::vector<Axis>> groups;  // every axis once, ascending in each; at least one group
    std::uint64_t base = 0;                 // a multiple of 2^inner_bits()

    std::uint8_t inner_bits() const;
    std::uint64_t size() const;
    /// The weights eq(point, position of the element), point being that of all leaves: one factor per group.
    template <typename E>
    Functional<E> weights(std::span<const E> point) const;
    /// Position of the element with these flat indices, one for each group.
    std::uint64_t position(std::span<const std::uint64_t> flat) const;
};

std::uint64_t place(std::span<LeafLayout* const> layouts);

/// eq(point, i) for begin ≤ i < begin + count.
template <typename E>
std::vector<E> eq_range(std::span<const E> point, std::uint64_t begin, std::uint64_t count);

}  // namespace valence::zk
