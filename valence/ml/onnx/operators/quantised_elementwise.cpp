// onnxruntime's operators on quantised elements (com.microsoft.QLinear…): what they do to the real numbers
// that the elements stand for.
#include "valence/ml/onnx/operator_table.hpp"
#include "valence/ml/onnx/operators/convolution.hpp"
#include "valence/ml/onnx/operators/quantised_values.hpp"

namespace valence::ml::onnx_import {
namespace {

using real::NoAttributes;

/// Quantises y by the scale and zero point at these places and makes it output 0, of the type of x's
/// integers.
Result<void> set_quantised(NodeContext& node, ValueId y, std::size_t scale_at, std::size_t zero_at,
                           std::size_t x) {
    const auto to = node.has(zero_at) ? node.file_type(zero_at) : node.file_type(x);
    BOOST_OUTCOME_TRY(const auto integers, quantised(node, y, scale_at, zero_at, -1, to));
    node.set(0, integers, to);
    return success();
}

/// (a, scale, zero?, b, scale, zero?, y scale, y zero?)
template <Op op>
Result<void> qlinear_binary(NodeContext& node) {
    for (const std::size_t i : {0U, 1U, 3U, 4U, 6U})
        if (!node.has(i)) return invalid("input " + std::to_string(i) + " is missing");
    BOOST_OUTCOME_TRY(const auto a, dequantised(node, 0, 1, 2, -1));
    BOOST_OUTCOME_TRY(const auto b, dequantised(node, 3, 4, 5, -1));
    BOOST_OUTCOME_TRY(const auto y, node.build().add_one(op, NoAttributes{}, {a, b}));
    return set_quantised(node, y, 6, 7, 0);
}

/// (x, scale, zero?, y scale, y zero?)
Result<ValueId> qlinear_operand(NodeContext& node) {
    for (const std::size_t i : {0U, 1U, 3U})
        if (!node.has(i)) return invalid("input " + std::to_string(i) + " is missing");
    return dequantised(node, 0, 1, 2, -1);
}

Result<void> qlinear_sigmoid(NodeContext& node) {
    BOOST_OUTCOME_TRY(const auto x, qlinear_operand(node));
    BOOST_OUTCOME_TRY(const auto y, node.build().add_one(Op::sigmoid, NoAttributes{}, {x}));
    return set_quantised(node, y, 3, 4, 0);
}

Result<void> qlinear_leaky_relu(NodeContext& node) {
    BOOST_OUTCOME_TRY(const auto x, qlinear_operand(node));
    BOOST_OUTCOME_TRY(const auto alpha, node.number("alpha", 0.01F));
    BOOST_OUTCOME_TRY(const auto y, node.build().add_one(Op::leaky_relu, real::Scalars{alpha, 0}, {x}));
    return set_quantised(node, y, 3, 4, 0);
}

Result<void> qlinear_softmax(NodeContext& node) {
    BOOST_OUTCOME_TRY(const auto x, qlinear_operand(node));
    BOOST_OUTCOME_TRY(const auto axis, node.axis("axis", -1, node.shape(0).size()));
    BOOST_OUTCOME_TRY(const auto opset, node.integer("opset", 13));
    if (opset < 13 && axis + 1 != static_cast<std::int64_t>(node.shape(0).size()))
        return unsupported("over the axes from " + std::to_string(axis) + " on taken as one");
    BOOST_OUTCOME_TRY(const auto y, node.build().add_one(Op::softmax, real::Axis{axis}, {x}));
    return set_quantised(node, y, 3, 4, 0);
}

Result<void> qlinear_average_pool(NodeContext& node) {
    BOOST_OUTCOME_TRY(const auto x, qlinear_operand(node));
    BOOST_OUTCOME_TRY(const auto last, node.integer("channels_last", 0));
    if (last != 0) return unsupported("channels_last = 1");
    BOOST_OUTCOME_TRY(auto window, average_window(node, node.shape(0)));
    BOOST_OUTCOME_TRY(const auto y, node.build().add_one(Op::average_pool, std::move(window), {x}));
    return set_quantised(node, y, 3, 4, 0);
}

Result<void> qlinear_global_average_pool(NodeContext& node) {
    BOOST_OUTCOME_TRY(const auto x, qlinear_operand(node));
    BOOST_OUTCOME_TRY(const auto last, node.integer("channels_last", 0));
    const auto rank = static_cast<std::int64_t>(node.shape(0).size());
    if (rank < 3) return invalid("input " + to_string(node.shape(0)));
    real::ReducedAxes spatial;
    for (std::int64_t axis = last != 0 ? 1 : 2; axis < rank - (last != 0 ? 1 : 0); ++axis)
        spatial.axes.push_back(axis);
    BOOST_OUTCOME_TRY(const auto y, node.build().add_one(Op::reduce_mean, std::move(spatial), {x}));
    return set_quantised(node, y, 3, 4, 0);
}

/// (y scale, y zero, then x, scale, zero of each part)
Result<void> qlinear_concat(NodeContext& node) {
    if (node.input_count() < 5 || node.input_count() % 3 != 2)
        return invalid("inputs come in threes after two");
    BOOST_OUTCOME_TRYV(node.require(node.input_count()));
    BOOST_OUTCOME_TRY(const auto axis, node.axis("axis", 0, node.shape(2).size()));
    std::vector<ValueId> parts;
    for (std::size_t i = 2; i < node.input_count(); i += 3) {
        BOOST_OUTCOME_TRY(const auto part, dequantised(node, i, i + 1, i + 2, -1));
        parts.push_back(part);
    }
    BOOST_OUTCOME_TRY(const auto y, node.build().add_one(Op::concat, real::Axis{axis}, std::move(parts)));
    return set_quantised(node, y, 0, 1, 2);
}

constexpr OnnxOperator kQuantisedElementwiseRows[] = {
    {"com.microsoft", "QLinearAdd", 1, Tier::two, qlinear_binary<Op::add>},
    {"com.microsoft", "QLinearMul", 1, Tier::two, qlinear_binary<Op::mul>},
    {"com.microsoft", "QLinearSigmoid", 1, Tier::two, qlinear_sigmoid},
    {"com.microsoft", "QLinearLeakyRelu", 1, Tier::two, qlinear_leaky_relu},
    {"com.microsoft", "QLinearSoftmax", 1, Tier::two, qlinear_softmax},
    {"com.microsoft", "QLinearAveragePool", 1, Tier::two, qlinear_average_pool},
    {"com.microsoft", "QLinearGlobalAveragePool", 1, Tier::two, qlinear_global_average_pool},
    {"com.microsoft", "QLinearConcat", 1, Tier::two, qlinear_concat},
};

}  // namespace

std::span<const OnnxOperator> quantised_elementwise_operators() { return kQuantisedElementwiseRows; }

}  // namespace valence::ml::onnx_import
