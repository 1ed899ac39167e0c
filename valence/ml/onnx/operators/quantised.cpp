// Quantised models as their meaning in real numbers: rounding and clamping are imitated, so that results
// agree.
#include "valence/ml/onnx/node_context.hpp"
#include "valence/ml/onnx/operator_table.hpp"
#include "valence/ml/onnx/read_tensor.hpp"

namespace valence::ml::onnx_import {
namespace {

using ::onnx::TensorProto;
using real::NoAttributes;

// Element types newer than the protobuf classes.
constexpr std::int32_t kTypeUint4 = 21;
constexpr std::int32_t kTypeInt4 = 22;

struct IntegerRange {
    float low, high;
};

Result<IntegerRange> range_of(std::int32_t file_type) {
    switch (file_type) {
        case TensorProto::UINT8:
            return IntegerRange{0, 255};
        case TensorProto::INT8:
            return IntegerRange{-128, 127};
        case TensorProto::UINT16:
            return IntegerRange{0, 65535};
        case TensorProto::INT16:
            return IntegerRange{-32768, 32767};
        case kTypeUint4:
            return IntegerRange{0, 15};
        case kTypeInt4:
            return IntegerRange{-8, 7};
        default:
            return unsupported("quantised to " + file_type_name(file_type));
    }
}

/// A scale or zero point, one element or one per place on `axis` of x, shaped to broadcast.
Result<ValueId> aligned(NodeContext& node, std::size_t i, const Shape& x, std::int64_t axis) {
    const auto& shape = node.shape(i);
    if (real::element_count(shape) == 1 && shape.size() <= 1) return node.build().reshape(node.input(i), {});
    if (shape.size() != 1) return unsupported("quantisation in blocks");
    BOOST_OUTCOME_TRY(const auto place, normalised_axis(axis, x.size()));
    if (shape[0] != x[static_cast<std::size_t>(place)])
        return invalid("scale " + to_string(shape) + " for " + to_string(x));
    Shape wide(x.size(), 1);
    wide[static_cast<std::size_t>(place)] = shape[0];
    return node.build().reshape(node.input(i), std::move(wide));
}

/// (x − zero point)·scale
Result<ValueId> dequantised(NodeContext& node, std::size_t x_at, std::size_t scale_at, std::size_t zero_at,
                            std::int64_t axis) {
    auto& build = node.build();
    const auto shape = node.shape(x_at);
    BOOST_OUTCOME_TRY(auto x, build.cast(node.input(x_at), ElementType::f32));
    if (node.has(zero_at)) {
        BOOST_OUTCOME_TRY(const auto zero, aligned(node, zero_at, shape, axis));
        BOOST_OUTCOME_TRY(const auto real_zero, build.cast(zero, ElementType::f32));
        BOOST_OUTCOME_TRY(x, build.add_one(Op::sub, NoAttributes{}, {x, real_zero}));
    }
    BOOST_OUTCOME_TRY(const auto scale, aligned(node, scale_at, shape, axis));
    return build.add_one(Op::mul, NoAttributes{}, {x, scale});
}

/// clamp(round(x/scale) + zero point) as integers.
Result<ValueId> quantised(NodeContext& node, ValueId x, std::size_t scale_at, std::size_t zero_at,
                          std::int64_t axis, std::int32_t to) {
    auto& build = node.build();
    const auto shape = build.shape(x);
    BOOST_OUTCOME_TRY(const auto range, range_of(to));
    BOOST_OUTCOME_TRY(const auto scale, aligned(node, scale_at, shape, axis));
    BOOST_OUTCOME_TRY(const auto divided, build.add_one(Op::div, NoAttributes{}, {x, scale}));
    BOOST_OUTCOME_TRY(auto y, build.add_one(Op::round, NoAttributes{}, {divided}));
    if (node.has(zero_at)) {
        BOOST_OUTCOME_TRY(const auto zero, aligned(node, zero_at, shape, axis));
        BOOST_OUTCOME_TRY(const auto real_zero, build.cast(zero, ElementType::f32));
        BOOST_OUTCOME_TRY(y, build.add_one(Op::add, NoAttributes{}, {y, real_zero}));
    }
    BOOST_OUTCOME_TRY(const auto clamped, build.add_one(Op::clip, real::Bounds{range.low, range.high}, {y}));
    return build.cast(clamped, ElementType::i64);
}

Result<void> dequantize(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    BOOST_OUTCOME_TRY(const auto axis, node.integer("axis", 1));
    BOOST_OUTCOME_TRY(const auto block, node.integer("block_size", 0));
    if (block != 0) return unsupported("quantisation in blocks");
    node.ignore("output_dtype");
    BOOST_OUTCOME_TRY(const auto y, dequantised(node, 0, 1, 2, axis));
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

/// The operand minus its zero point, as real numbers.
Result<ValueId> centred(NodeContext& node, std::size_t x_at, std::size_t zero_at, bool per_row) {
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto x, build.cast(node.input(x_at), ElementType::f32));
    if (!node.has(zero_at)) return x;
    const auto rank = static_cast<std::int64_t>(node.shape(x_at).size());
    BOOST_OUTCOME_TRY(const auto zero, aligned(node, zero_at, node.shape(x_at),
                                               per_row ? std::max<std::int64_t>(rank - 2, 0) : rank - 1));
    BOOST_OUTCOME_TRY(const auto real_zero, build.cast(zero, ElementType::f32));
    return build.add_one(Op::sub, NoAttributes{}, {x, real_zero});
}

Result<void> matmul_integer(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    if (node.shape(0).size() < 2 || node.shape(1).size() < 2) return unsupported("vector operands");
    BOOST_OUTCOME_TRY(const auto a, centred(node, 0, 2, true));
    BOOST_OUTCOME_TRY(const auto b, centred(node, 1, 3, false));
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto y, build.add_one(Op::matmul, real::MatMulAttributes{}, {a, b}));
    BOOST_OUTCOME_TRY(const auto whole, build.cast(y, ElementType::i64));
    node.set(0, whole, TensorProto::INT32);
    return success();
}

/// Scale and zero point for 0 … 255 from the range of x, and x in them.
Result<void> dynamic_quantize(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    auto& build = node.build();
    const auto x = node.input(0);
    real::ReducedAxes all{{}, false};
    for (std::size_t i = 0; i < node.shape(0).size(); ++i)
        all.axes.push_back(static_cast<std::int64_t>(i));
    BOOST_OUTCOME_TRY(const auto most, build.add_one(Op::reduce_max, all, {x}));
    BOOST_OUTCOME_TRY(const auto high, build.with_scalar(Op::max, most, 0));
    BOOST_OUTCOME_TRY(const auto least, build.add_one(Op::reduce_min, all, {x}));
    BOOST_OUTCOME_TRY(const auto low, build.with_scalar(Op::min, least, 0));
    BOOST_OUTCOME_TRY(const auto span, build.add_one(Op::sub, NoAttributes{}, {high, low}));
    BOOST_OUTCOME_TRY(const auto scale, build.with_scalar(Op::div, span, 255));
    BOOST_OUTCOME_TRY(const auto below, build.add_one(Op::div, NoAttributes{}, {low, scale}));
    BOOST_OUTCOME_TRY(const auto lifted, build.add_one(Op::neg, NoAttributes{}, {below}));
    BOOST_OUTCOME_TRY(const auto bounded, build.add_one(Op::clip, real::Bounds{0, 255}, {lifted}));
    BOOST_OUTCOME_TRY(const auto zero, build.add_one(Op::round, NoAttributes{}, {bounded}));
    BOOST_OUTCOME_TRY(const auto divided, build.add_one(Op::div, NoAttributes{}, {x, scale}));
    BOOST_OUTCOME_TRY(const auto rounded, build.add_one(Op::round, NoAttributes{}, {divided}));
    BOOST_OUTCOME_TRY(const auto shifted, build.add_one(Op::add, NoAttributes{}, {rounded, zero}));
    BOOST_OUTCOME_TRY(const auto clamped, build.add_one(Op::clip, real::Bounds{0, 255}, {shifted}));
    BOOST_OUTCOME_TRY(const auto y, build.cast(clamped, ElementType::i64));
    BOOST_OUTCOME_TRY(const auto whole_zero, build.cast(zero, ElementType::i64));
    node.set(0, y, TensorProto::UINT8);
    node.set(1, scale, TensorProto::FLOAT);
    node.set(2, whole_zero, TensorProto::UINT8);
    return success();
}

/// QLinearMatMul: (a, scale, zero, b, scale, zero, y scale, y zero).
Result<void> qlinear_matmul(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(8));
    const auto last = static_cast<std::int64_t>(node.shape(3).size()) - 1;
    const auto row = std::max<std::int64_t>(static_cast<std::int64_t>(node.shape(0).size()) - 2, 0);
    BOOST_OUTCOME_TRY(const auto a, dequantised(node, 0, 1, 2, row));
    BOOST_OUTCOME_TRY(const auto b, dequantised(node, 3, 4, 5, last));
    if (node.shape(0).size() < 2 || node.shape(3).size() < 2) return unsupported("vector operands");
    BOOST_OUTCOME_TRY(const auto product, node.build().add_one(Op::matmul, real::MatMulAttributes{}, {a, b}));
    BOOST_OUTCOME_TRY(const auto y, quantised(node, product, 6, 7, -1, node.file_type(7)));
    node.set(0, y, node.file_type(7));
    return success();
}

constexpr OnnxOperator kQuantisedRows[] = {
    {"", "QuantizeLinear", 10, Tier::two, quantize},
    {"", "DequantizeLinear", 10, Tier::two, dequantize},
    {"", "DynamicQuantizeLinear", 11, Tier::two, dynamic_quantize},
    {"", "MatMulInteger", 10, Tier::two, matmul_integer},
    {"", "QLinearMatMul", 10, Tier::two, qlinear_matmul},
};

}  // namespace

std::span<const OnnxOperator> quantised_operators() { return kQuantisedRows; }

}  // namespace valence::ml::onnx_import
