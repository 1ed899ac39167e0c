// The function that onnxruntime's fused products end in.
#pragma once

#include "valence/ml/onnx/node_context.hpp"

namespace valence::ml::onnx_import {

/// The function named as ONNX names its operator, of x; `parameters` are alpha and beta (Clip: least,
/// greatest), and ONNX's defaults where there are fewer. An empty name leaves x as it is.
Result<ValueId> activated(real::GraphBuilder& build, ValueId x, const std::string& function,
                          const std::vector<float>& parameters);

}  // namespace valence::ml::onnx_import
