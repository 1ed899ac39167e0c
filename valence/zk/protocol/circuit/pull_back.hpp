// Claims taken from the result of an operation back to its argument.
//
// From a functional φ on the result y of an operation, the functional ψ on its argument x with ψ(x) = φ(y)
// for all x (padding and concatenation: of the part of y that x is). `from` is x's shape.
#pragma once

#include <cstdint>
#include <span>

#include "valence/zk/protocol/circuit/functional.hpp"

namespace valence::zk {

/// y is x's elements in row-major order under another shape.
template <typename E>
Functional<E> pull_back_reshape(const Functional<E>& on, const ml::Shape& from);
/// y's axis k is x's axis permutation[k].
template <typename E>
Functional<E> pull_back_transpose(const Functional<E>& on, std::span<const std::uint8_t> permutation);
/// y[…, j, …] = x[…, sources[j], …] along one axis; sources[j] < 0: y's element is no element of x. Slices,
/// windows' taps, paddings, parts of concatenations and selections are all of this form.
template <typename E>
Functional<E> pull_back_places(const Functional<E>& on, Axis axis, std::uint32_t extent,
                               std::span<const std::int64_t> sources);
/// y is x broadcast: numpy's rule.
template <typename E>
Functional<E> pull_back_broadcast(const Functional<E>& on, const ml::Shape& from);
/// y is the sum of x over the axes on which y has extent 1 and x more.
template <typename E>
Functional<E> pull_back_sum(const Functional<E>& on, const ml::Shape& from);
/// y = x times multipliers[i] along one axis.
template <typename E>
Functional<E> pull_back_multiply(const Functional<E>& on, Axis axis,
                                 std::span<const std::int64_t> multipliers);

}  // namespace valence::zk
