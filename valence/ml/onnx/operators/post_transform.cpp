#include "valence/ml/onnx/operators/post_transform.hpp"

namespace valence::ml::onnx_import {

using real::NoAttributes;

Result<ValueId> post_transform(real::GraphBuilder& build, ValueId scores, const std::string& kind) {
    const auto last = static_cast<std::int64_t>(build.shape(scores).size()) - 1;
    if (kind == "NONE") return scores;
    if (kind == "LOGISTIC") return build.add_one(Op::sigmoid, NoAttributes{}, {scores});
    if (kind == "SOFTMAX") return build.add_one(Op::softmax, real::Axis{last}, {scores});
    if (kind == "SOFTMAX_ZERO") {
        BOOST_OUTCOME_TRY(const auto zero, build.scalar(0, ElementType::f32));
        BOOST_OUTCOME_TRY(const auto low, build.scalar(-1e30, ElementType::f32));
        BOOST_OUTCOME_TRY(const auto is_zero, build.add_one(Op::equal, NoAttributes{}, {scores, zero}));
        BOOST_OUTCOME_TRY(const auto masked,
                          build.add_one(Op::where, NoAttributes{}, {is_zero, low, scores}));
        BOOST_OUTCOME_TRY(const auto soft, build.add_one(Op::softmax, real::Axis{last}, {masked}));
        return build.add_one(Op::where, NoAttributes{}, {is_zero, zero, soft});
    }
    return unsupported("post_transform '" + kind + "'");
}

Result<std::vector<std::int64_t>> class_labels(NodeContext& node, std::string_view integers,
                                               std::string_view strings) {
    BOOST_OUTCOME_TRY(const auto texts, node.texts(strings));
    if (!texts.empty()) return unsupported("labels are strings; export the model with integer labels");
    return node.integers(integers);
}

Result<void> set_classes(NodeContext& node, ValueId places, ValueId scores,
                         std::vector<std::int64_t> labels) {
    auto& build = node.build();
    auto chosen = places;
    bool counting = true;
    for (std::size_t i = 0; i < labels.size(); ++i)
        counting = counting && labels[i] == static_cast<std::int64_t>(i);
    if (!counting) {
        const auto count = static_cast<std::int64_t>(labels.size());
        BOOST_OUTCOME_TRY(const auto table, build.add_constant(Tensor(Shape{count}, std::move(labels))));
        BOOST_OUTCOME_TRY(chosen, build.add_one(Op::gather, real::Axis{0}, {table, places}));
    }
    node.set(0, chosen, ::onnx::TensorProto::INT64);
    node.set(1, scores, ::onnx::TensorProto::FLOAT);
    return success();
}

Result<ValueId> feature_rows(NodeContext& node, std::size_t i) {
    BOOST_OUTCOME_TRYV(node.require(i + 1));
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto x, build.cast(node.input(i), ElementType::f32));
    const auto shape = build.shape(x);
    if (shape.size() == 1) return build.reshape(x, {1, shape[0]});
    if (shape.size() != 2) return unsupported("input " + to_string(shape) + ", not [N, F]");
    return x;
}

}  // namespace valence::ml::onnx_import
