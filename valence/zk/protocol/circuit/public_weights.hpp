// The weights that a model's circuit is made of, rather than committed to.
#pragma once

#include <vector>

#include "valence/base/result.hpp"
#include "valence/ml/graph/graph.hpp"

namespace valence::zk {

/// Whether a weight's values are part of the circuit, and so of the verifying key: channel exponents,
/// multipliers, indices of selections, maps. All others are committed.
std::vector<bool> public_weights(const ml::Graph& graph);

/// What ml::validate() says of the values of public weights, where the others' are not there to be validated:
/// exponents, multipliers and indices within their bounds. The graph has passed validate_structure() and its
/// public weights have their bytes. Errors: ModelError::invalid_node, named by node.
Result<void> check_public_weights(const ml::Graph& graph);

}  // namespace valence::zk
