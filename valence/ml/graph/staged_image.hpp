// The image that the windows of a convolution pass over: the input with its padding written out, and for a
// transposed one with its pixels spread apart. It takes memory and time, so that limits and prices count it.
#pragma once

#include <array>
#include <cstdint>

#include "valence/ml/graph/operation.hpp"

namespace valence::ml {

/// Height and width.
using ImageExtents = std::array<std::uint64_t, 2>;

/// Up to the last row and column that a window reaches, or the input as it is where no window reaches beyond
/// it. `in` and `out` are the shapes of the operation's input and output.
ImageExtents staged_image(const Convolution& op, const Shape& in, const Shape& out);
/// Of the convolution of stride 1 that the transposed one is over its spread input.
ImageExtents staged_image(const TransposedConvolution& op, const Shape& in, const Shape& out);

/// Elements of a staged image; above kMaxElements where it has more.
std::uint64_t staged_elements(const ImageExtents& image, const Shape& in);

}  // namespace valence::ml
