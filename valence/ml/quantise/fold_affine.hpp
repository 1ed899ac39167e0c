// Scaling and shifting of features in front of a matrix product or convolution, folded into its weights and
// bias: exact in the reals, one rounding less in the integers, and no range to calibrate for features that
// samples hardly show.
#pragma once

#include "valence/ml/float_graph/graph.hpp"
#include "valence/ml/quantise/ranges.hpp"

namespace valence::ml {

/// The graph with every x·s + o (add, sub, mul, div by constants along the last axis of a product's input,
/// along the channels of a convolution's) whose only reader is a product or convolution with constant weights
/// folded into it. Where the convolution pads with zeros, x is padded with −o/s instead, if that is one
/// number and `ranges` (of any sample; used for this only) says that x reaches that far. Scaling and shifting
/// by channel that stays becomes one batch_norm. Nodes that nothing needs any more are gone.
real::Graph fold_affine(real::Graph graph, const Ranges& ranges);

}  // namespace valence::ml
