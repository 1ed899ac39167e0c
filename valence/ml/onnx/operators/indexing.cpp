// Gather, scatter, top-k, one-hot, triangles, compress.
#include "valence/ml/onnx/node_context.hpp"
#include "valence/ml/onnx/operator_table.hpp"

namespace valence::ml::onnx_import {
namespace {

using real::Axis;
using real::NoAttributes;

Result<void> gather(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    BOOST_OUTCOME_TRY(const auto axis, node.axis("axis", 0, node.shape(0).size()));
    return node.result(Op::gather, Axis{axis}, {node.input(0), node.input(1)});
}

Result<void> gather_elements(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    BOOST_OUTCOME_TRY(const auto axis, node.axis("axis", 0, node.shape(0).size()));
    return node.result(Op::gather_elements, Axis{axis}, {node.input(0), node.input(1)});
}

Result<void> gather_nd(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    BOOST_OUTCOME_TRY(const auto batch, node.integer("batch_dims", 0));
    return node.result(Op::gather_nd, real::BatchDims{batch}, {node.input(0), node.input(1)});
}

Result<real::ScatterReduction> reduction_of(NodeContext& node) {
    BOOST_OUTCOME_TRY(const auto text, node.text("reduction", "none"));
    constexpr std::pair<std::string_view, real::ScatterReduction> kKinds[] = {
        {"none", real::ScatterReduction::none},
        {"add", real::ScatterReduction::add},
        {"mul", real::ScatterReduction::mul},
        {"min", real::ScatterReduction::min},
        {"max", real::ScatterReduction::max}};
    for (const auto& [kind, value] : kKinds)
        if (kind == text) return value;
    return unsupported("reduction '" + text + "'");
}

Result<void> scatter_elements(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(3));
    BOOST_OUTCOME_TRY(const auto axis, node.axis("axis", 0, node.shape(0).size()));
    BOOST_OUTCOME_TRY(const auto reduction, reduction_of(node));
    return node.result(Op::scatter_elements, real::ScatterAttributes{axis, reduction},
                       {node.input(0), node.input(1), node.input(2)});
}

Result<void> scatter_nd(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(3));
    BOOST_OUTCOME_TRY(const auto reduction, reduction_of(node));
    return node.result(Op::scatter_nd, real::ScatterAttributes{0, reduction},
                       {node.input(0), node.input(1), node.input(2)});
}

Result<void> top_k(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    BOOST_OUTCOME_TRY(const auto axis, node.axis("axis", -1, node.shape(0).size()));
    std::int64_t k = 0;
    if (node.opset() < 10) {
        BOOST_OUTCOME_TRY(k, node.integer("k", 0));
    } else {
        BOOST_OUTCOME_TRY(const auto list, node.constant_integers(1, "k"));
        if (list.size() != 1) return invalid("one k is needed");
        k = list[0];
    }
    BOOST_OUTCOME_TRY(const auto largest, node.integer("largest", 1));
    node.ignore("sorted");  // sorted is one of the orders that unsorted allows
    BOOST_OUTCOME_TRY(const auto ids, node.build().add(Op::top_k, real::TopKAttributes{axis, k, largest != 0},
                                                       {node.input(0)}));
    node.set(0, ids[0]);
    node.set(1, ids[1], ::onnx::TensorProto::INT64);
    return success();
}

/// indices = 0 … depth − 1 along a new axis, as a choice between the two values.
Result<void> one_hot(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(3));
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto* depth_tensor, node.constant(1, "depth"));
    if (depth_tensor->count() != 1 || depth_tensor->element() == ElementType::boolean)
        return invalid("depth is " + to_string(depth_tensor->type()));
    const auto depth = depth_tensor->element() == ElementType::i64
                           ? depth_tensor->i64()[0]
                           : static_cast<std::int64_t>(std::clamp(depth_tensor->f32()[0], -1.0F, 1e9F));
    if (depth < 1 || depth > 1'000'000'000) return invalid("depth " + std::to_string(depth));
    if (node.shape(2) != Shape{2}) return invalid("values are " + to_string(node.type(2)));
    const auto shape = node.shape(0);
    BOOST_OUTCOME_TRY(const auto axis, node.axis("axis", -1, shape.size() + 1));
    BOOST_OUTCOME_TRY(const auto whole, build.cast(node.input(0), ElementType::i64));
    auto widened = shape;
    widened.insert(widened.begin() + axis, 1);
    BOOST_OUTCOME_TRY(const auto column, build.reshape(whole, std::move(widened)));
    Shape line(shape.size() + 1, 1);
    line[static_cast<std::size_t>(axis)] = depth;
    std::vector<std::int64_t> counting(static_cast<std::size_t>(depth));
    for (std::size_t i = 0; i < counting.size(); ++i)
        counting[i] = static_cast<std::int64_t>(i);
    BOOST_OUTCOME_TRY(const auto up, build.add_constant(Tensor(line, counting)));
    for (auto& v : counting)
        v -= depth;
    BOOST_OUTCOME_TRY(const auto down, build.add_constant(Tensor(line, counting)));
    BOOST_OUTCOME_TRY(const auto here, build.add_one(Op::equal, NoAttributes{}, {column, up}));
    BOOST_OUTCOME_TRY(const auto from_end, build.add_one(Op::equal, NoAttributes{}, {column, down}));
    BOOST_OUTCOME_TRY(const auto hot, build.add_one(Op::logical_or, NoAttributes{}, {here, from_end}));
    BOOST_OUTCOME_TRY(const auto values,
                      build.add(Op::split, real::SplitAttributes{0, {1, 1}}, {node.input(2)}));
    BOOST_OUTCOME_TRY(const auto y, build.add_one(Op::where, NoAttributes{}, {hot, values[1], values[0]}));
    node.set(0, y, node.file_type(2));
    return success();
}

/// The upper or lower triangle of the last two axes; zeros elsewhere.
Result<void> trilu(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    BOOST_OUTCOME_TRY(const auto upper, node.integer("upper", 1));
    std::int64_t k = 0;
    if (node.has(1)) {
        BOOST_OUTCOME_TRY(const auto list, node.constant_integers(1, "k"));
        if (list.size() != 1) return invalid("one k is needed");
        k = std::clamp<std::int64_t>(list[0], -real::kMaxElements, real::kMaxElements);
    }
    const auto& shape = node.shape(0);
    if (shape.size() < 2) return invalid("input " + to_string(shape));
    const auto rows = shape[shape.size() - 2];
    const auto columns = shape.back();
    BOOST_OUTCOME_TRY(const auto count, real::checked_element_count({rows, columns}));
    auto& build = node.build();
    if (count > (std::int64_t{1} << 30))
        return unsupported("a mask of " + std::to_string(count) + " elements");
    Tensor mask(TensorType{ElementType::boolean, {rows, columns}});
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j)
            mask.boolean()[i * columns + j] = (upper != 0 ? j - i >= k : j - i <= k) ? 1 : 0;
    BOOST_OUTCOME_TRY(const auto kept, build.add_constant(std::move(mask)));
    const auto element = node.type(0).element;
    BOOST_OUTCOME_TRY(const auto zero, build.add_constant(Tensor(TensorType{element, {}})));
    return node.result(Op::where, NoAttributes{}, {kept, node.input(0), zero});
}

Result<void> compress(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    BOOST_OUTCOME_TRY(const auto* condition, node.constant(1, "the condition"));
    if (condition->element() != ElementType::boolean || condition->shape().size() != 1)
        return invalid("the condition is " + to_string(condition->type()));
    auto& build = node.build();
    auto x = node.input(0);
    std::int64_t axis = 0;
    if (node.has_attribute("axis")) {
        BOOST_OUTCOME_TRY(axis, node.axis("axis", 0, node.shape(0).size()));
    } else {
        BOOST_OUTCOME_TRY(x, build.reshape(x, {real::element_count(node.shape(0))}));
    }
    std::vector<std::int64_t> places;
    for (std::size_t i = 0; i < condition->boolean().size(); ++i)
        if (condition->boolean()[i] != 0) places.push_back(static_cast<std::int64_t>(i));
    const auto count = static_cast<std::int64_t>(places.size());
    BOOST_OUTCOME_TRY(const auto indices, build.add_constant(Tensor(Shape{count}, std::move(places))));
    BOOST_OUTCOME_TRY(const auto y, build.add_one(Op::gather, Axis{axis}, {x, indices}));
    node.set(0, y, node.file_type(0));
    return success();
}

Result<void> feature_extractor(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    const auto rank = node.shape(0).size();
    if (rank == 0) return invalid("the input is a scalar");
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto flat, build.reshape(node.input(1), {real::element_count(node.shape(1))}));
    BOOST_OUTCOME_TRY(
        auto y, build.add_one(Op::gather, Axis{static_cast<std::int64_t>(rank) - 1}, {node.input(0), flat}));
    if (rank == 1) {
        BOOST_OUTCOME_TRY(y, build.reshape(y, {1, build.shape(y)[0]}));
    }
    node.set(0, y, node.file_type(0));
    return success();
}

constexpr OnnxOperator kIndexingRows[] = {
    {"", "Gather", 1, Tier::one, gather},
    {"", "GatherElements", 11, Tier::two, gather_elements},
    {"", "GatherND", 11, Tier::two, gather_nd},
    {"", "Scatter", 9, Tier::two, scatter_elements},
    {"", "ScatterElements", 11, Tier::two, scatter_elements},
    {"", "ScatterND", 11, Tier::two, scatter_nd},
    {"", "TopK", 1, Tier::two, top_k},
    {"", "OneHot", 9, Tier::two, one_hot},
    {"", "Trilu", 14, Tier::two, trilu},
    {"", "Compress", 9, Tier::folded, compress},
    {"ai.onnx.ml", "ArrayFeatureExtractor", 1, Tier::one, feature_extractor},
};

}  // namespace

std::span<const OnnxOperator> index_operators() { return kIndexingRows; }

}  // namespace valence::ml::onnx_import
