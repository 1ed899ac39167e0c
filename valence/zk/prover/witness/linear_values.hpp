// The linear and bilinear operations on elements: the forward direction of what claims go back through.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "valence/zk/protocol/circuit/circuit.hpp"
#include "valence/zk/prover/polynomial/table.hpp"

namespace valence::zk {

using Elements = LargeVector<Goldilocks>;
using ElementsView = std::span<const Goldilocks>;

Elements transpose(ElementsView of, const ml::Shape& from, std::span<const std::uint8_t> permutation);
Elements place(ElementsView of, const ml::Shape& from, const Placed& view);
Elements broadcast(ElementsView of, const ml::Shape& from, const ml::Shape& to);
/// Over the axes on which `to` has extent 1.
Elements sum_over(ElementsView of, const ml::Shape& from, const ml::Shape& to);
Elements multiply_along(ElementsView of, const ml::Shape& shape, const Multiplied& view);
/// left [B…, M, K], right [B…, N, K].
Elements inner_products(ElementsView left, const ml::Shape& left_shape, ElementsView right,
                        const ml::Shape& right_shape);
Elements convolve(ElementsView weight, const ml::Shape& weight_shape, ElementsView image,
                  const ml::Shape& image_shape, const ml::Shape& out, const Convolved& product);

/// The weight that a quantity is, in its own shape or another.
std::optional<ml::WeightId> weight_of(const Circuit& circuit, QuantityId id);

}  // namespace valence::zk
