// Masks: what exporters write for "minus infinity" to keep elements out of a softmax.
#pragma once

#include <vector>

#include "valence/ml/float_graph/graph.hpp"

namespace valence::ml {

/// Numbers below this in a value that only shifts a softmax's argument are masks.
inline constexpr double kMaskBelow = -5000;
/// What the most negative of them become: as good as minus infinity, and no factor that scales suffer from.
inline constexpr float kMaskFactor = -10000;

/// The values whose only effect is on a softmax's argument, up to addition, choice and movement of elements.
std::vector<bool> softmax_arguments(const real::Graph& graph);

/// Holds the finite constants of such values at kMaskFactor: exporters write the least float, whose negative
/// turns up as a factor when (1 − m)·least is rewritten.
void hold_masks(real::Graph& graph);

/// By value: whether what is computed from masks may lie in it, whatever samples showed: an attention mask
/// that is all ones in calibration is none that never hides anything. `masked` says so of the constants.
void spread_masks(const real::Graph& graph, const std::vector<bool>& arguments, std::vector<bool>& masked);

}  // namespace valence::ml
