// NumPy's .npy files (format versions 1 … 3): little-endian real and integer arrays in C order.
#pragma once

#include "valence/base/base.hpp"
#include "valence/ml/float_graph/tensor.hpp"

namespace valence::ml {

/// f2, f4, f8 become f32; integers i64; b1 boolean. Errors: other types, Fortran order, a size that differs
/// from the shape's.
Result<real::Tensor> read_npy(BytesView file);

/// The same back: f4, i8 or b1, version 1.
Bytes write_npy(const real::Tensor& tensor);

}  // namespace valence::ml
