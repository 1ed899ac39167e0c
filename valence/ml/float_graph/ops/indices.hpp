// Index tensors of the gather and scatter operators, turned into checked offsets.
#pragma once

#include "valence/ml/float_graph/tensor.hpp"

namespace valence::ml::real {

/// Indices in −extent … extent − 1 as places from the start; value_invalid for any other.
Result<std::vector<std::int64_t>> resolve_indices(std::span<const std::int64_t> indices, std::int64_t extent);

/// Error unless `indices` has the rank of `shape` and is no larger on any axis but `axis`.
Result<void> expect_within(const Shape& indices, const Shape& shape, std::int64_t axis);

/// GatherElements, ScatterElements: for each index the offset in a tensor of shape `shape` of the element
/// with the index's own coordinates, but for that on `axis`, which the index gives.
Result<std::vector<std::int64_t>> element_places(const Tensor& indices, const Shape& shape,
                                                 std::int64_t axis);

/// GatherND, ScatterND: for each tuple along the last axis of `indices`, the offset of the slice it names.
Result<std::vector<std::int64_t>> tuple_places(const Tensor& indices, const Shape& shape, std::size_t batch);

}  // namespace valence::ml::real
