// How far a walk through the trees of an ensemble can go.
#pragma once

#include "valence/ml/graph/graph.hpp"

namespace valence::ml {

/// TreeEnsemble::steps of these rows and roots: the sum over the trees of their longest way from root to
/// leaf, counted in rows. Children come after their parent, as validate() checks.
std::uint64_t tree_steps(const Weight& nodes, const Weight& roots);

}  // namespace valence::ml
