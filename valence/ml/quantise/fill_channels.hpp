// Cross-layer equalisation: what the power-of-two scales of 8-bit weights leave unused, given back.
#pragma once

#include <cstddef>

#include "valence/ml/float_graph/graph.hpp"

namespace valence::ml {

/// Multiplies output channel c of a convolution or product by f_c, 1 ≤ f_c < 2, and divides what the next one
/// makes of that channel by f_c, so that the largest weight of the channel becomes (2^(bits−1) − 1)·2^k:
/// every channel then uses all its integers, where a power-of-two scale by itself wastes up to half of them.
/// Between the two may be what commutes with a positive factor: ReLU, leaky ReLU, pooling, flattening. The
/// graph computes the same but for float rounding. Answers the number of layers changed.
std::size_t fill_channels(real::Graph& graph, int bits);

}  // namespace valence::ml
