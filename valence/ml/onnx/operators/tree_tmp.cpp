#include "valence/ml/onnx/operator_table.hpp"
namespace valence::ml::onnx_import {
std::span<const OnnxOperator> tree_operators() { return {}; }
}  // namespace valence::ml::onnx_import
