// Products and convolutions of quantised operands: those of the real numbers they stand for.
#include "valence/ml/onnx/operator_table.hpp"
#include "valence/ml/onnx/operators/convolution.hpp"
#include "valence/ml/onnx/operators/quantised_values.hpp"

namespace valence::ml::onnx_import {
namespace {

using ::onnx::TensorProto;
using real::MatMulAttributes;
using real::NoAttributes;

/// The axis of the rows and that of the columns of matrix operands.
std::int64_t row_axis(const Shape& shape) {
    return std::max<std::int64_t>(static_cast<std::int64_t>(shape.size()) - 2, 0);
}
std::int64_t column_axis(const Shape& shape) { return static_cast<std::int64_t>(shape.size()) - 1; }

Result<void> require_matrices(const NodeContext& node, std::size_t a, std::size_t b) {
    if (node.shape(a).size() < 2 || node.shape(b).size() < 2) return unsupported("vector operands");
    return success();
}

Result<ValueId> whole(real::GraphBuilder& build, ValueId x) { return build.cast(x, ElementType::i64); }

Result<void> matmul_integer(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    BOOST_OUTCOME_TRYV(require_matrices(node, 0, 1));
    BOOST_OUTCOME_TRY(const auto a, centred(node, 0, 2, row_axis(node.shape(0))));
    BOOST_OUTCOME_TRY(const auto b, centred(node, 1, 3, column_axis(node.shape(1))));
    BOOST_OUTCOME_TRY(const auto sum, node.build().add_one(Op::matmul, MatMulAttributes{}, {a, b}));
    BOOST_OUTCOME_TRY(const auto y, whole(node.build(), sum));
    node.set(0, y, TensorProto::INT32);
    return success();
}

Result<void> conv_integer(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    BOOST_OUTCOME_TRY(auto window, convolution_window(node, node.shape(0), node.shape(1)));
    BOOST_OUTCOME_TRY(const auto x, centred(node, 0, 2, 1));
    BOOST_OUTCOME_TRY(const auto w, centred(node, 1, 3, 0));
    BOOST_OUTCOME_TRY(const auto sum, node.build().add_one(Op::conv, std::move(window), {x, w}));
    BOOST_OUTCOME_TRY(const auto y, whole(node.build(), sum));
    node.set(0, y, TensorProto::INT32);
    return success();
}

/// (a, scale, zero, b, scale, zero, y scale, y zero)
Result<void> qlinear_matmul(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(8));
    BOOST_OUTCOME_TRYV(require_matrices(node, 0, 3));
    BOOST_OUTCOME_TRY(const auto a, dequantised(node, 0, 1, 2, row_axis(node.shape(0))));
    BOOST_OUTCOME_TRY(const auto b, dequantised(node, 3, 4, 5, column_axis(node.shape(3))));
    BOOST_OUTCOME_TRY(const auto product, node.build().add_one(Op::matmul, MatMulAttributes{}, {a, b}));
    BOOST_OUTCOME_TRY(const auto y, quantised(node, product, 6, 7, -1, node.file_type(7)));
    node.set(0, y, node.file_type(7));
    return success();
}

/// A bias of integers, in units of the operands' scales together: one number, or one for each output.
Result<ValueId> real_bias(NodeContext& node, std::size_t bias_at, std::size_t a_scale, std::size_t b_scale) {
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto bias, build.cast(node.input(bias_at), ElementType::f32));
    BOOST_OUTCOME_TRY(const auto unit,
                      build.add_one(Op::mul, NoAttributes{}, {node.input(a_scale), node.input(b_scale)}));
    BOOST_OUTCOME_TRY(const auto scaled, build.add_one(Op::mul, NoAttributes{}, {bias, unit}));
    return build.reshape(scaled, node.shape(bias_at));
}

/// (x, scale, zero, w, scale, zero, y scale, y zero, bias?)
Result<void> qlinear_conv(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(8));
    BOOST_OUTCOME_TRY(const auto channels_last, node.integer("channels_last", 0));
    if (channels_last != 0) return unsupported("channels_last = 1");
    BOOST_OUTCOME_TRY(auto window, convolution_window(node, node.shape(0), node.shape(3)));
    BOOST_OUTCOME_TRY(const auto x, dequantised(node, 0, 1, 2, 1));
    BOOST_OUTCOME_TRY(const auto w, dequantised(node, 3, 4, 5, 0));
    std::vector<ValueId> operands{x, w};
    if (node.has(8)) {
        BOOST_OUTCOME_TRY(const auto bias, real_bias(node, 8, 1, 4));
        operands.push_back(bias);
    }
    BOOST_OUTCOME_TRY(const auto sum, node.build().add_one(Op::conv, std::move(window), std::move(operands)));
    BOOST_OUTCOME_TRY(const auto y, quantised(node, sum, 6, 7, 1, node.file_type(7)));
    node.set(0, y, node.file_type(7));
    return success();
}

/// com.microsoft.QGemm: alpha·A′·B′ + C for (A, scale, zero, B, scale, zero, C?, y scale?, y zero?); real
/// numbers where no scale of y is given.
Result<void> qgemm(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(6));
    BOOST_OUTCOME_TRY(const auto alpha, node.number("alpha", 1));
    BOOST_OUTCOME_TRY(const auto transpose_a, node.integer("transA", 0));
    BOOST_OUTCOME_TRY(const auto transpose_b, node.integer("transB", 0));
    if (node.shape(0).size() != 2 || node.shape(3).size() != 2) return invalid("operands must be matrices");
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto a, dequantised(node, 0, 1, 2, transpose_a != 0 ? 1 : 0));
    BOOST_OUTCOME_TRY(const auto b, dequantised(node, 3, 4, 5, transpose_b != 0 ? 0 : 1));
    BOOST_OUTCOME_TRY(
        auto y, build.add_one(Op::matmul, MatMulAttributes{transpose_a != 0, transpose_b != 0}, {a, b}));
    if (node.has(6)) {
        BOOST_OUTCOME_TRY(const auto bias, real_bias(node, 6, 1, 4));
        BOOST_OUTCOME_TRY(y, build.add_one(Op::add, NoAttributes{}, {y, bias}));
    }
    if (alpha != 1) {
        BOOST_OUTCOME_TRY(y, build.with_scalar(Op::mul, y, static_cast<double>(alpha)));
    }
    if (!node.has(7)) {
        node.set(0, y, TensorProto::FLOAT);
        return success();
    }
    const auto to = node.has(8) ? node.file_type(8) : node.file_type(0);
    BOOST_OUTCOME_TRY(const auto integers, quantised(node, y, 7, 8, 1, to));
    node.set(0, integers, to);
    return success();
}

/// com.microsoft.MatMulIntegerToFloat: (A, B, A scale, B scale, A zero?, B zero?, bias?)
Result<void> matmul_integer_to_float(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(4));
    BOOST_OUTCOME_TRYV(require_matrices(node, 0, 1));
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto a, dequantised(node, 0, 2, 4, row_axis(node.shape(0))));
    BOOST_OUTCOME_TRY(const auto b, dequantised(node, 1, 3, 5, column_axis(node.shape(1))));
    BOOST_OUTCOME_TRY(auto y, build.add_one(Op::matmul, MatMulAttributes{}, {a, b}));
    if (node.has(6)) {
        BOOST_OUTCOME_TRY(y, build.add_one(Op::add, NoAttributes{}, {y, node.input(6)}));
    }
    node.set(0, y, TensorProto::FLOAT);
    return success();
}

/// com.microsoft.DynamicQuantizeMatMul: (A, B, B scale, B zero?, bias?), A quantised by its own range.
Result<void> dynamic_quantize_matmul(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(3));
    BOOST_OUTCOME_TRYV(require_matrices(node, 0, 1));
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto a, dynamically_quantised(build, node.input(0)));
    BOOST_OUTCOME_TRY(const auto steps, build.add_one(Op::sub, NoAttributes{}, {a.integers, a.zero}));
    BOOST_OUTCOME_TRY(const auto b, dequantised(node, 1, 2, 3, column_axis(node.shape(1))));
    BOOST_OUTCOME_TRY(const auto sum, build.add_one(Op::matmul, MatMulAttributes{}, {steps, b}));
    BOOST_OUTCOME_TRY(auto y, build.add_one(Op::mul, NoAttributes{}, {sum, a.scale}));
    if (node.has(4)) {
        BOOST_OUTCOME_TRY(y, build.add_one(Op::add, NoAttributes{}, {y, node.input(4)}));
    }
    node.set(0, y, TensorProto::FLOAT);
    return success();
}

/// Integers of `bits` bits, the first in the lowest bits of a byte.
std::int64_t packed(std::span<const std::int64_t> bytes, std::size_t place, std::size_t bits) {
    const std::size_t per_byte = 8 / bits;
    const auto byte = static_cast<std::uint64_t>(bytes[place / per_byte]);
    return static_cast<std::int64_t>((byte >> (place % per_byte * bits)) & ((std::uint64_t{1} << bits) - 1));
}

/// com.microsoft.MatMulNBits: A[…, K]·Bᵀ + bias with B[N, K] in blocks of `block_size` along K, each of its
/// own scale and zero point: (A, B, scales, zero points?, places of blocks?, bias?). The weights become
/// numbers here.
Result<void> matmul_bits(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(3));
    BOOST_OUTCOME_TRY(const auto width, node.integer("K", 0));
    BOOST_OUTCOME_TRY(const auto height, node.integer("N", 0));
    BOOST_OUTCOME_TRY(const auto bits, node.integer("bits", 4));
    BOOST_OUTCOME_TRY(const auto block, node.integer("block_size", 0));
    node.ignore("accuracy_level");  // how exactly A is taken at least, which is here as exactly as anywhere
    if (bits != 2 && bits != 4 && bits != 8) return unsupported(std::to_string(bits) + " bits");
    constexpr std::int64_t kLargest = std::int64_t{1} << 24;
    if (width < 1 || height < 1 || width > kLargest || height > kLargest || block < 16 || block > kLargest)
        return invalid("sizes N = " + std::to_string(height) + ", K = " + std::to_string(width) +
                       ", block_size = " + std::to_string(block));
    if (node.has(4)) return unsupported("blocks in an order of their own (g_idx)");
    const auto blocks = (width + block - 1) / block;
    const std::int64_t per_byte = 8 / bits;
    BOOST_OUTCOME_TRY(const auto* b, node.constant(1, "the weight"));
    BOOST_OUTCOME_TRY(const auto* scales, node.constant(2, "the scales"));
    if (b->element() != ElementType::i64 || b->count() != height * blocks * (block / per_byte) ||
        block % per_byte != 0)
        return invalid("weight " + to_string(b->shape()));
    if (scales->element() != ElementType::f32 || scales->count() != height * blocks)
        return invalid("scales " + to_string(scales->shape()));
    const Tensor* zeros = nullptr;
    const auto zero_row = (blocks + per_byte - 1) / per_byte;
    if (node.has(3)) {
        BOOST_OUTCOME_TRY(zeros, node.constant(3, "the zero points"));
        if (zeros->count() != height * (zeros->element() == ElementType::f32 ? blocks : zero_row))
            return invalid("zero points " + to_string(zeros->shape()));
    }
    // A point per block: given as a number, packed by row, or the middle of the range.
    const auto zero_of = [&](std::int64_t row, std::int64_t k) -> float {
        if (zeros == nullptr) return static_cast<float>(std::int64_t{1} << (bits - 1));
        if (zeros->element() == ElementType::f32)
            return zeros->f32()[static_cast<std::size_t>(row * blocks + k)];
        return static_cast<float>(packed(zeros->i64(),
                                         static_cast<std::size_t>(row * zero_row * per_byte + k),
                                         static_cast<std::size_t>(bits)));
    };
    std::vector<float> weight(static_cast<std::size_t>(height * width));
    for (std::int64_t row = 0; row < height; ++row)
        for (std::int64_t column = 0; column < width; ++column) {
            const auto of = column / block;
            const auto place = static_cast<std::size_t>((row * blocks + of) * block + column % block);
            const auto steps = static_cast<float>(packed(b->i64(), place, static_cast<std::size_t>(bits)));
            weight[static_cast<std::size_t>(row * width + column)] =
                (steps - zero_of(row, of)) * scales->f32()[static_cast<std::size_t>(row * blocks + of)];
        }
    BOOST_OUTCOME_TRY(const auto numbers,
                      node.build().add_constant(Tensor({height, width}, std::move(weight))));
    std::vector<ValueId> operands{node.input(0), numbers};
    if (node.has(5)) operands.push_back(node.input(5));
    return node.result(Op::matmul, MatMulAttributes{false, true}, std::move(operands));
}

constexpr OnnxOperator kQuantisedProductRows[] = {
    {"", "MatMulInteger", 10, Tier::two, matmul_integer},
    {"", "ConvInteger", 10, Tier::two, conv_integer},
    {"", "QLinearMatMul", 10, Tier::two, qlinear_matmul},
    {"", "QLinearConv", 10, Tier::two, qlinear_conv},
    {"com.microsoft", "QGemm", 1, Tier::two, qgemm},
    {"com.microsoft", "QLinearConv", 1, Tier::two, qlinear_conv},
    {"com.microsoft", "MatMulIntegerToFloat", 1, Tier::two, matmul_integer_to_float},
    {"com.microsoft", "DynamicQuantizeMatMul", 1, Tier::two, dynamic_quantize_matmul},
    {"com.microsoft", "MatMulNBits", 1, Tier::two, matmul_bits},
};

}  // namespace

std::span<const OnnxOperator> quantised_product_operators() { return kQuantisedProductRows; }

}  // namespace valence::ml::onnx_import
