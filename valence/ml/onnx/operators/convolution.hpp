// Where a convolution's window stands, read from the node's attributes.
#pragma once

#include "valence/ml/onnx/node_context.hpp"

namespace valence::ml::onnx_import {

/// The window of a Conv or of an operator with its attributes, for x[N, C, …] and w[O, C/groups, kernel].
Result<real::Window> convolution_window(NodeContext& node, const Shape& x, const Shape& w);

/// The window of a pooling; `ceil_mode` and `count_include_pad` as its attributes have them.
Result<real::Window> average_window(NodeContext& node, const Shape& x);

}  // namespace valence::ml::onnx_import
