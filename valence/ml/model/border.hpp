// The border between int256[] in WAD (18 decimals), as contracts and APIs have tensors, and the integers
// a model computes with. It is crossed before a job exists and after its result: jobs and proofs see integers
// only.
#pragma once

#include <span>
#include <vector>

#include "valence/base/base.hpp"
#include "valence/ml/reference/values.hpp"

namespace valence::ml {

struct BorderInput {
    Values values;
    /// How many elements were out of range and took the nearest value in it.
    std::uint64_t saturated = 0;
};

/// Input `number` of a validated graph from two's complement WAD values in row-major order:
///     q = wad·2^f / 10^18, rounded half to even, saturated to the element type's range
/// where f is the feature's exponent (Port::exponents, by the last axis), else the tensor's; 0 for indices.
/// Fails (invalid_input) on another number of values than the tensor has elements.
Result<BorderInput> from_wad(const Graph& graph, std::size_t number, std::span<const U256> wad);

/// Output `number` as WAD values: q·10^18 / 2^f, which is exact since f ≤ 18; i·10^18 for indices.
std::vector<U256> to_wad(const Graph& graph, std::size_t number, const Values& values);

}  // namespace valence::ml
