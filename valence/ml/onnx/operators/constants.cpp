// Operators whose result import knows: constants, shapes, ranges.
#include <cmath>

#include "valence/ml/onnx/node_context.hpp"
#include "valence/ml/onnx/operator_table.hpp"
#include "valence/ml/onnx/read_tensor.hpp"

namespace valence::ml::onnx_import {
namespace {

using ::onnx::TensorProto;

Result<void> set_constant(NodeContext& node, Tensor tensor, std::int32_t file_type) {
    BOOST_OUTCOME_TRY(const auto id, node.build().add_constant(std::move(tensor)));
    node.set(0, id, file_type);
    return success();
}

Result<void> constant(NodeContext& node) {
    if (node.has_attribute("value")) {
        std::int32_t file_type = 0;
        BOOST_OUTCOME_TRY(auto tensor, node.tensor("value", file_type));
        return set_constant(node, std::move(tensor), file_type);
    }
    if (node.has_attribute("value_float")) {
        BOOST_OUTCOME_TRY(const auto value, node.number("value_float", 0));
        return set_constant(node, Tensor(Shape{}, std::vector<float>{value}), TensorProto::FLOAT);
    }
    if (node.has_attribute("value_int")) {
        BOOST_OUTCOME_TRY(const auto value, node.integer("value_int", 0));
        return set_constant(node, Tensor(Shape{}, std::vector<std::int64_t>{value}), TensorProto::INT64);
    }
    if (node.has_attribute("value_floats")) {
        BOOST_OUTCOME_TRY(auto values, node.numbers("value_floats"));
        const auto count = static_cast<std::int64_t>(values.size());
        return set_constant(node, Tensor(Shape{count}, std::move(values)), TensorProto::FLOAT);
    }
    if (node.has_attribute("value_ints")) {
        BOOST_OUTCOME_TRY(auto values, node.integers("value_ints"));
        const auto count = static_cast<std::int64_t>(values.size());
        return set_constant(node, Tensor(Shape{count}, std::move(values)), TensorProto::INT64);
    }
    return unsupported("a sparse or string constant");
}

Result<void> constant_of_shape(NodeContext& node) {
    BOOST_OUTCOME_TRY(const auto shape, node.constant_integers(0, "the shape"));
    std::int32_t file_type = TensorProto::FLOAT;
    Tensor value(Shape{}, std::vector<float>{0});
    if (node.has_attribute("value")) {
        BOOST_OUTCOME_TRY(value, node.tensor("value", file_type));
    }
    if (value.count() != 1) return invalid("value is " + to_string(value.type()));
    BOOST_OUTCOME_TRY(const auto one, node.build().add_constant(std::move(value).reshaped({})));
    BOOST_OUTCOME_TRY(const auto y, node.build().expand(one, shape));
    node.set(0, y, file_type);
    return success();
}

Result<void> shape(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    const auto rank = static_cast<std::int64_t>(node.shape(0).size());
    BOOST_OUTCOME_TRY(auto start, node.integer("start", 0));
    BOOST_OUTCOME_TRY(auto end, node.integer("end", rank));
    for (auto* place : {&start, &end})
        *place = std::clamp<std::int64_t>(*place < 0 ? std::max(*place, -rank) + rank : *place, 0, rank);
    std::vector<std::int64_t> extents;
    for (auto i = start; i < end; ++i)
        extents.push_back(node.shape(0)[static_cast<std::size_t>(i)]);
    const auto count = static_cast<std::int64_t>(extents.size());
    return set_constant(node, Tensor(Shape{count}, std::move(extents)), TensorProto::INT64);
}

Result<void> size(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    return set_constant(node, Tensor(Shape{}, std::vector<std::int64_t>{real::element_count(node.shape(0))}),
                        TensorProto::INT64);
}

/// Numbers a range may have.
constexpr std::int64_t kMaxRange = std::int64_t{1} << 28;

Result<void> range(NodeContext& node) {
    BOOST_OUTCOME_TRY(const auto* start, node.constant(0, "the start"));
    BOOST_OUTCOME_TRY(const auto* limit, node.constant(1, "the limit"));
    BOOST_OUTCOME_TRY(const auto* delta, node.constant(2, "the step"));
    for (const auto* t : {start, limit, delta})
        if (t->count() != 1 || t->element() != start->element() || t->element() == ElementType::boolean)
            return invalid("start, limit and step must be numbers of one type");
    const auto number = [](const Tensor& t) {
        return t.element() == ElementType::f32 ? static_cast<double>(t.f32()[0])
                                               : static_cast<double>(t.i64()[0]);
    };
    const double length = std::ceil((number(*limit) - number(*start)) / number(*delta));
    if (!std::isfinite(length) || length > static_cast<double>(kMaxRange))
        return invalid("the range has no or too large a length");
    const auto count = std::max<std::int64_t>(0, static_cast<std::int64_t>(length));
    if (start->element() == ElementType::f32) {
        std::vector<float> values(static_cast<std::size_t>(count));
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = static_cast<float>(number(*start) + static_cast<double>(i) * number(*delta));
        return set_constant(node, Tensor(Shape{count}, std::move(values)), node.file_type(0));
    }
    std::vector<std::int64_t> values(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(start->i64()[0]) +
                                              i * static_cast<std::uint64_t>(delta->i64()[0]));
    return set_constant(node, Tensor(Shape{count}, std::move(values)), node.file_type(0));
}

Result<void> eye_like(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    if (node.shape(0).size() != 2) return invalid("input " + to_string(node.shape(0)));
    BOOST_OUTCOME_TRY(const auto diagonal, node.integer("k", 0));
    BOOST_OUTCOME_TRY(const auto given, node.integer("dtype", node.file_type(0)));
    const auto file_type = static_cast<std::int32_t>(given);
    BOOST_OUTCOME_TRY(const auto element, element_of(file_type));
    const auto rows = node.shape(0)[0];
    const auto columns = node.shape(0)[1];
    if (node.type(0).count() > kMaxRange) return unsupported("a matrix of " + to_string(node.shape(0)));
    std::vector<float> values(static_cast<std::size_t>(rows * columns));
    for (std::int64_t i = 0; i < rows; ++i)
        if (diagonal >= -rows && diagonal <= columns && i + diagonal >= 0 && i + diagonal < columns)
            values[static_cast<std::size_t>(i * columns + i + diagonal)] = 1;
    BOOST_OUTCOME_TRY(const auto id, node.build().add_constant(Tensor(node.shape(0), std::move(values))));
    BOOST_OUTCOME_TRY(const auto y, node.build().cast(id, element));
    node.set(0, y, file_type);
    return success();
}

Result<void> non_zero(NodeContext& node) {
    BOOST_OUTCOME_TRY(const auto* x, node.constant(0, "the input"));
    const auto rank = x->shape().size();
    const auto strides = real::strides_of(x->shape());
    std::vector<std::int64_t> found;
    for (std::int64_t i = 0; i < x->count(); ++i) {
        const bool set = x->element() == ElementType::f32   ? x->f32()[i] != 0
                         : x->element() == ElementType::i64 ? x->i64()[i] != 0
                                                            : x->boolean()[i] != 0;
        if (set) found.push_back(i);
    }
    const auto count = static_cast<std::int64_t>(found.size());
    std::vector<std::int64_t> places;
    for (std::size_t axis = 0; axis < rank; ++axis)
        for (const auto i : found)
            places.push_back(i / strides[axis] % x->shape()[axis]);
    return set_constant(node, Tensor(Shape{static_cast<std::int64_t>(rank), count}, std::move(places)),
                        TensorProto::INT64);
}

constexpr OnnxOperator kConstantRows[] = {
    {"", "Constant", 1, Tier::one, constant},   {"", "ConstantOfShape", 9, Tier::folded, constant_of_shape},
    {"", "Shape", 1, Tier::folded, shape},      {"", "Size", 1, Tier::folded, size},
    {"", "Range", 11, Tier::folded, range},     {"", "EyeLike", 9, Tier::folded, eye_like},
    {"", "NonZero", 9, Tier::folded, non_zero},
};

}  // namespace

std::span<const OnnxOperator> constant_operators() { return kConstantRows; }

}  // namespace valence::ml::onnx_import
