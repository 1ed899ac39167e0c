// Quantised models as their meaning in real numbers: rounding and clamping are imitated, so that results
// agree.
#include "valence/ml/onnx/operator_table.hpp"
#include "valence/ml/onnx/operators/quantised_values.hpp"
#include "valence/ml/onnx/read_tensor.hpp"

namespace valence::ml::onnx_import {
namespace {

using ::onnx::TensorProto;

Result<void> dequantize(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    BOOST_OUTCOME_TRY(const auto axis, node.integer("axis", 1));
    BOOST_OUTCOME_TRY(const auto block, node.integer("block_size", 0));
    if (block < 0) return invalid("block_size " + std::to_string(block));
    node.ignore("output_dtype");
    BOOST_OUTCOME_TRY(const auto y, dequantised(node, 0, 1, 2, axis, block));
    node.set(0, y, TensorProto::FLOAT);
    return success();
}

Result<void> quantize(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    BOOST_OUTCOME_TRY(const auto axis, node.integer("axis", 1));
    BOOST_OUTCOME_TRY(const auto block, node.integer("block_size", 0));
    if (block != 0) return unsupported("quantisation in blocks");
    node.ignore("saturate");
    BOOST_OUTCOME_TRY(const auto asked, node.integer("output_dtype", 0));
    const auto to = node.has(2)  ? node.file_type(2)
                    : asked != 0 ? static_cast<std::int32_t>(asked)
                                 : static_cast<std::int32_t>(TensorProto::UINT8);
    BOOST_OUTCOME_TRY(const auto x, node.build().cast(node.input(0), ElementType::f32));
    BOOST_OUTCOME_TRY(const auto y, quantised(node, x, 1, 2, axis, to));
    node.set(0, y, to);
    return success();
}

Result<void> dynamic_quantize(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto made, dynamically_quantised(build, node.input(0)));
    BOOST_OUTCOME_TRY(const auto y, build.cast(made.integers, ElementType::i64));
    BOOST_OUTCOME_TRY(const auto zero, build.cast(made.zero, ElementType::i64));
    node.set(0, y, TensorProto::UINT8);
    node.set(1, made.scale, TensorProto::FLOAT);
    node.set(2, zero, TensorProto::UINT8);
    return success();
}

constexpr OnnxOperator kQuantisedRows[] = {
    {"", "QuantizeLinear", 10, Tier::two, quantize},
    {"", "DequantizeLinear", 10, Tier::two, dequantize},
    {"", "DynamicQuantizeLinear", 11, Tier::two, dynamic_quantize},
    {"com.microsoft", "QuantizeLinear", 1, Tier::two, quantize},
    {"com.microsoft", "DequantizeLinear", 1, Tier::two, dequantize},
};

}  // namespace

std::span<const OnnxOperator> quantised_operators() { return kQuantisedRows; }

}  // namespace valence::ml::onnx_import
