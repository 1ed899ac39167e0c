#include "valence/ml/onnx/operators/quantised_values.hpp"

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

/// A scale or zero point with one number for every `block` places on `axis` of x, repeated to x's shape.
Result<ValueId> spread(NodeContext& node, std::size_t i, const Shape& x, std::int64_t axis,
                       std::int64_t block) {
    BOOST_OUTCOME_TRY(const auto place, normalised_axis(axis, x.size()));
    const auto along = static_cast<std::size_t>(place);
    auto blocks = x;
    blocks[along] = block > 0 ? (x[along] + block - 1) / block : 0;
    if (node.shape(i) != blocks)
        return invalid("scale " + to_string(node.shape(i)) + " for blocks of " + std::to_string(block) +
                       " in " + to_string(x));
    auto columns = blocks;
    columns.insert(columns.begin() + static_cast<std::ptrdiff_t>(along) + 1, 1);
    BOOST_OUTCOME_TRY(const auto column, node.build().reshape(node.input(i), columns));
    columns[along + 1] = block;
    BOOST_OUTCOME_TRY(const auto repeated, node.build().expand(column, columns));
    blocks[along] *= block;
    BOOST_OUTCOME_TRY(const auto whole, node.build().reshape(repeated, blocks));
    if (blocks == x) return whole;
    // The last block is cut short.
    return node.build().add_one(Op::slice, real::SliceAttributes{Shape(x.size(), 0), Shape(x.size(), 1), x},
                                {whole});
}

Result<ValueId> fitted(NodeContext& node, std::size_t i, const Shape& x, std::int64_t axis,
                       std::int64_t block) {
    return block > 0 ? spread(node, i, x, axis, block) : aligned(node, i, x, axis);
}

}  // namespace

Result<ValueId> aligned(NodeContext& node, std::size_t i, const Shape& x, std::int64_t axis) {
    const auto& shape = node.shape(i);
    if (real::element_count(shape) == 1 && shape.size() <= 1) return node.build().reshape(node.input(i), {});
    if (shape.size() != 1) return unsupported("a scale or zero point of shape " + to_string(shape));
    BOOST_OUTCOME_TRY(const auto place, normalised_axis(axis, x.size()));
    if (shape[0] != x[static_cast<std::size_t>(place)])
        return invalid("scale " + to_string(shape) + " for " + to_string(x));
    Shape wide(x.size(), 1);
    wide[static_cast<std::size_t>(place)] = shape[0];
    return node.build().reshape(node.input(i), std::move(wide));
}

Result<ValueId> dequantised(NodeContext& node, std::size_t x_at, std::size_t scale_at, std::size_t zero_at,
                            std::int64_t axis, std::int64_t block) {
    auto& build = node.build();
    const auto shape = node.shape(x_at);
    BOOST_OUTCOME_TRY(auto x, build.cast(node.input(x_at), ElementType::f32));
    if (node.has(zero_at)) {
        BOOST_OUTCOME_TRY(const auto zero, fitted(node, zero_at, shape, axis, block));
        BOOST_OUTCOME_TRY(const auto real_zero, build.cast(zero, ElementType::f32));
        BOOST_OUTCOME_TRY(x, build.add_one(Op::sub, NoAttributes{}, {x, real_zero}));
    }
    BOOST_OUTCOME_TRY(const auto scale, fitted(node, scale_at, shape, axis, block));
    return build.add_one(Op::mul, NoAttributes{}, {x, scale});
}

Result<ValueId> centred(NodeContext& node, std::size_t x_at, std::size_t zero_at, std::int64_t axis) {
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto x, build.cast(node.input(x_at), ElementType::f32));
    if (!node.has(zero_at)) return x;
    BOOST_OUTCOME_TRY(const auto zero, aligned(node, zero_at, node.shape(x_at), axis));
    BOOST_OUTCOME_TRY(const auto real_zero, build.cast(zero, ElementType::f32));
    return build.add_one(Op::sub, NoAttributes{}, {x, real_zero});
}

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

Result<DynamicallyQuantised> dynamically_quantised(real::GraphBuilder& build, ValueId x) {
    real::ReducedAxes all{{}, false};
    for (std::size_t i = 0; i < build.shape(x).size(); ++i)
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
    BOOST_OUTCOME_TRY(const auto integers, build.add_one(Op::clip, real::Bounds{0, 255}, {shifted}));
    return DynamicallyQuantised{integers, scale, zero};
}

}  // namespace valence::ml::onnx_import
