// Whether an integer graph is a model: the border between bytes and everything that computes, proves or
// prices one.
#pragma once

#include "valence/base/result.hpp"
#include "valence/ml/graph/graph.hpp"

namespace valence::ml {

/// That a graph keeps the rules of graph.hpp and operation.hpp and the limits of limits.hpp: numbers in
/// range, each tensor written once and before it is read, types and shapes of every node, parameters, no
/// weight or body unused; and that no sum can leave the range its requantisation allows, proved from the
/// actual weights. Holds for any graph however made; takes time in proportion to its size. The error names
/// the node.
Result<void> validate(const Graph& graph);

/// All of validate() that does not take the weights' values: whatever their bytes, which are not looked at
/// and may be missing, a graph that fails here fails validate(). What remains is that sums keep their bounds,
/// and what is said of values in operation.hpp (indices, keys, trees, sizes of biases and exponents). With it
/// cost_of() and verifying_key.hpp can be trusted with a graph from anyone. Takes time in proportion to the
/// numbers of nodes, arguments and tensors.
Result<void> validate_structure(const Graph& graph);

}  // namespace valence::ml
