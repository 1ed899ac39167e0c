// Scaling and shifting of features in front of a matrix product, folded into its weights and bias: exact in
// the reals, one rounding less in the integers, and no range to calibrate for features that samples hardly
// show.
#pragma once

#include "valence/ml/float_graph/graph.hpp"

namespace valence::ml {

/// The graph with every x·s + o (add, sub, mul, div by constants along the last axis) whose only reader is a
/// product with constant weights folded into that product. Nodes that nothing needs any more are gone.
real::Graph fold_affine(real::Graph graph);

}  // namespace valence::ml
