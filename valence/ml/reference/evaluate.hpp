// The definition of what a model computes: the formulas of graph/operation.hpp, one after the other, in
// 64-bit integers. Plain rather than fast; ml/executor, proofs and every other way to run a model are
// compared with it.
#pragma once

#include <span>
#include <vector>

#include "valence/base/result.hpp"
#include "valence/ml/reference/values.hpp"

namespace valence::ml {

/// The model's outputs, in the order of graph.outputs. `graph` has passed validate(). Fails where an input's
/// number, type, shape or range is not the model's (ModelError::invalid_input).
Result<std::vector<Values>> evaluate(const Graph& graph, std::span<const Values> inputs);

}  // namespace valence::ml
