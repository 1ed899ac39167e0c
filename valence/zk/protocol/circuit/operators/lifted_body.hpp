// A scan's body for all steps at once: every tensor has the step as axis 0.
#pragma once

#include "valence/base/result.hpp"
#include "valence/ml/graph/graph.hpp"

namespace valence::zk {

/// The body's inputs and outputs, in its order. Not quite a graph: a gather from what steps compute has the
/// step as axis 0 of its source, its indices and its result, which ml::Gather has not. Errors:
/// CircuitError::unsupported_operation for tensors of the highest rank.
Result<ml::Subgraph> lifted_body(const ml::Subgraph& body, std::uint32_t steps);

}  // namespace valence::zk
