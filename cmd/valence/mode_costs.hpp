// What a call of a model costs in each mode, for `valence model check`.
#pragma once

#include <string>

#include "valence/ml/graph/graph.hpp"

namespace valence::cmd {

/// A table: the gas of a call by the fees that a chain has unless its genesis says otherwise, what full nodes
/// do for it and what the node that answers does. Running and proving are measured here, once, on zeros.
/// `graph` has passed validate().
std::string describe_modes(const ml::Graph& graph);

}  // namespace valence::cmd
