// Operators without a lowering of their own, written as operators that have one. Done on the float graph and
// before calibration, so that every intermediate value has a range.
#pragma once

#include "valence/ml/float_graph/graph.hpp"

namespace valence::ml {

/// The graph without celu, hyperbolic functions, tan, shrink, thresholded_relu, reduce_prod, is_nan and
/// is_inf (no integer is either), arg-extrema that prefer the last, powers with computed exponents,
/// convolutions and poolings over three spatial axes, and gathers and scatters of elements at constant
/// places. What can't be written otherwise stays as it is. Errors: a graph that grows beyond the importer's
/// bounds.
Result<real::Graph> decompose(const real::Graph& graph);

}  // namespace valence::ml
