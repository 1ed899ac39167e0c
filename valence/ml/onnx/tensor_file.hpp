// ONNX's tensors in files of their own (.pb), as its test data has them.
#pragma once

#include "valence/base/base.hpp"
#include "valence/ml/float_graph/tensor.hpp"

namespace valence::ml {

/// Errors: not a tensor, or one of a type that import does not know.
Result<real::Tensor> read_tensor_file(BytesView file);

}  // namespace valence::ml
