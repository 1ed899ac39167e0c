// TensorProto → Tensor, and ONNX's element types as those of the float graph.
#pragma once

#include <onnx/onnx_pb.h>

#include "valence/ml/float_graph/tensor.hpp"

namespace valence::ml::onnx_import {

/// The elements: reals as f32 (half, bfloat16 and double rounded or widened), integers as i64. Errors:
/// unsupported element types, external data, another number of elements than the shape has, shapes out of
/// bounds.
Result<real::Tensor> read_tensor(const ::onnx::TensorProto& proto);

/// The float graph's type for an element type of the file; unsupported for strings, complex and 4- and 8-bit
/// floats.
Result<real::ElementType> element_of(std::int32_t file_type);
/// float, int64, bool.
std::int32_t default_file_type(real::ElementType element);
/// "float", "int64", …
std::string file_type_name(std::int32_t file_type);
/// Whether arithmetic in that integer type wraps below 32 bits or has no sign, which i64 does not imitate.
bool is_narrow_integer(std::int32_t file_type);

}  // namespace valence::ml::onnx_import
