// ONNX-ML's linear models and preprocessing, as arithmetic.
#include <cmath>
#include <limits>
#include <map>

#include "valence/ml/onnx/node_context.hpp"
#include "valence/ml/onnx/operator_table.hpp"
#include "valence/ml/onnx/operators/post_transform.hpp"
#include "valence/ml/onnx/read_tensor.hpp"

namespace valence::ml::onnx_import {
namespace {

using ::onnx::TensorProto;
using real::NoAttributes;

/// x[N, F]·coefficientsᵀ + intercepts, the coefficients given row by row, one row per target.
Result<ValueId> linear(NodeContext& node, ValueId x, std::int64_t targets,
                       const std::vector<float>& coefficients, const std::vector<float>& intercepts) {
    auto& build = node.build();
    const auto features = build.shape(x)[1];
    if (targets < 1 || targets > real::kMaxElements || features > real::kMaxElements / targets ||
        static_cast<std::int64_t>(coefficients.size()) != targets * features)
        return invalid(std::to_string(coefficients.size()) + " coefficients for " + std::to_string(targets) +
                       " targets of " + std::to_string(features) + " features");
    BOOST_OUTCOME_TRY(const auto w, build.add_constant(Tensor(Shape{targets, features}, coefficients)));
    std::vector<ValueId> inputs{x, w};
    if (!intercepts.empty()) {
        if (static_cast<std::int64_t>(intercepts.size()) != targets) return invalid("number of intercepts");
        BOOST_OUTCOME_TRY(const auto b, build.add_constant(Tensor(Shape{targets}, intercepts)));
        inputs.push_back(b);
    }
    return build.add_one(Op::matmul, real::MatMulAttributes{false, true}, std::move(inputs));
}

Result<void> linear_regressor(NodeContext& node) {
    BOOST_OUTCOME_TRY(const auto x, feature_rows(node, 0));
    BOOST_OUTCOME_TRY(const auto targets, node.integer("targets", 1));
    BOOST_OUTCOME_TRY(const auto coefficients, node.numbers("coefficients"));
    BOOST_OUTCOME_TRY(const auto intercepts, node.numbers("intercepts"));
    BOOST_OUTCOME_TRY(const auto kind, node.text("post_transform", "NONE"));
    BOOST_OUTCOME_TRY(const auto y, linear(node, x, targets, coefficients, intercepts));
    BOOST_OUTCOME_TRY(const auto z, post_transform(node.build(), y, kind));
    node.set(0, z, TensorProto::FLOAT);
    return success();
}

Result<void> linear_classifier(NodeContext& node) {
    BOOST_OUTCOME_TRY(const auto x, feature_rows(node, 0));
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto coefficients, node.numbers("coefficients"));
    BOOST_OUTCOME_TRY(const auto intercepts, node.numbers("intercepts"));
    BOOST_OUTCOME_TRY(auto labels, class_labels(node, "classlabels_ints", "classlabels_strings"));
    BOOST_OUTCOME_TRY(const auto kind, node.text("post_transform", "NONE"));
    node.ignore("multi_class");  // says how the model was trained
    const auto features = build.shape(x)[1];
    const auto classes = static_cast<std::int64_t>(labels.size());
    if (features == 0 || classes < 2) return invalid("no features or fewer than two classes");
    if (static_cast<std::int64_t>(coefficients.size()) != classes * features)
        return unsupported(std::to_string(coefficients.size()) + " coefficients for " +
                           std::to_string(classes) + " classes of " + std::to_string(features) +
                           " features (one row per class is needed)");
    BOOST_OUTCOME_TRY(const auto raw, linear(node, x, classes, coefficients, intercepts));
    BOOST_OUTCOME_TRY(const auto places,
                      build.add_one(Op::arg_max, real::ArgAttributes{1, false, false}, {raw}));
    BOOST_OUTCOME_TRY(const auto scores, post_transform(build, raw, kind));
    return set_classes(node, places, scores, std::move(labels));
}

/// One number for all features, or one for each.
Result<ValueId> per_feature(NodeContext& node, std::vector<float> values) {
    const auto count = static_cast<std::int64_t>(values.size());
    if (count == 1) return node.build().add_constant(Tensor(Shape{}, std::move(values)));
    if (node.shape(0).empty() || node.shape(0).back() != count)
        return invalid(std::to_string(count) + " numbers for input " + to_string(node.shape(0)));
    return node.build().add_constant(Tensor(Shape{count}, std::move(values)));
}

Result<void> scaler(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    BOOST_OUTCOME_TRY(auto offset, node.numbers("offset"));
    BOOST_OUTCOME_TRY(auto scale, node.numbers("scale"));
    auto& build = node.build();
    BOOST_OUTCOME_TRY(auto x, build.cast(node.input(0), ElementType::f32));
    if (!offset.empty()) {
        BOOST_OUTCOME_TRY(const auto o, per_feature(node, std::move(offset)));
        BOOST_OUTCOME_TRY(x, build.add_one(Op::sub, NoAttributes{}, {x, o}));
    }
    if (!scale.empty()) {
        BOOST_OUTCOME_TRY(const auto s, per_feature(node, std::move(scale)));
        BOOST_OUTCOME_TRY(x, build.add_one(Op::mul, NoAttributes{}, {x, s}));
    }
    node.set(0, x, TensorProto::FLOAT);
    return success();
}

/// Each row divided by its maximum, its sum of absolute values or its length; a row for which that is 0
/// stays.
Result<void> normalizer(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    BOOST_OUTCOME_TRY(const auto kind, node.text("norm", "MAX"));
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto x, build.cast(node.input(0), ElementType::f32));
    const auto rank = static_cast<std::int64_t>(build.shape(x).size());
    if (rank == 0) return invalid("the input is a scalar");
    const real::ReducedAxes row{{rank - 1}, true};
    ValueId norm = kAbsent;
    if (kind == "MAX") {
        BOOST_OUTCOME_TRY(norm, build.add_one(Op::reduce_max, row, {x}));
    } else if (kind == "L1") {
        BOOST_OUTCOME_TRY(const auto size, build.add_one(Op::abs, NoAttributes{}, {x}));
        BOOST_OUTCOME_TRY(norm, build.add_one(Op::reduce_sum, row, {size}));
    } else if (kind == "L2") {
        BOOST_OUTCOME_TRY(const auto squares, build.add_one(Op::mul, NoAttributes{}, {x, x}));
        BOOST_OUTCOME_TRY(const auto sum, build.add_one(Op::reduce_sum, row, {squares}));
        BOOST_OUTCOME_TRY(norm, build.add_one(Op::sqrt, NoAttributes{}, {sum}));
    } else {
        return unsupported("norm '" + kind + "'");
    }
    BOOST_OUTCOME_TRY(const auto zero, build.scalar(0, ElementType::f32));
    BOOST_OUTCOME_TRY(const auto one, build.scalar(1, ElementType::f32));
    BOOST_OUTCOME_TRY(const auto is_zero, build.add_one(Op::equal, NoAttributes{}, {norm, zero}));
    BOOST_OUTCOME_TRY(const auto divisor, build.add_one(Op::where, NoAttributes{}, {is_zero, one, norm}));
    BOOST_OUTCOME_TRY(const auto y, build.add_one(Op::div, NoAttributes{}, {x, divisor}));
    node.set(0, y, TensorProto::FLOAT);
    return success();
}

Result<void> one_hot_encoder(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    BOOST_OUTCOME_TRY(const auto strings, node.texts("cats_strings"));
    if (!strings.empty()) return unsupported("categories are strings");
    BOOST_OUTCOME_TRY(auto categories, node.integers("cats_int64s"));
    BOOST_OUTCOME_TRY(const auto zeros, node.integer("zeros", 1));
    if (zeros == 0)
        node.build().graph().notes.push_back(
            "OneHotEncoder '" + node.node().name() +
            "': a category it does not know gives zeros rather than an error");
    const auto count = static_cast<std::int64_t>(categories.size());
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto x, build.cast(node.input(0), ElementType::i64));
    auto shape = node.shape(0);
    // [N, 1] gives [N, 1, categories], as the operator's definition has it.
    shape.push_back(1);
    BOOST_OUTCOME_TRY(const auto column, build.reshape(x, std::move(shape)));
    BOOST_OUTCOME_TRY(const auto row, build.add_constant(Tensor(Shape{count}, std::move(categories))));
    BOOST_OUTCOME_TRY(const auto hot, build.add_one(Op::equal, NoAttributes{}, {column, row}));
    BOOST_OUTCOME_TRY(const auto y, build.cast(hot, ElementType::f32));
    node.set(0, y, TensorProto::FLOAT);
    return success();
}

/// Sorted by key; the first of equal keys counts. Not-a-number cannot be a key.
template <typename Key, typename Value>
Result<real::LookupAttributes> lookup(const std::vector<Key>& keys, const std::vector<Value>& values,
                                      Value otherwise) {
    if (keys.size() != values.size() || keys.empty()) return invalid("keys and values differ in number");
    std::map<Key, Value> sorted;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (keys[i] != keys[i]) return unsupported("not-a-number as a key");
        sorted.emplace(keys[i], values[i]);
    }
    std::vector<Key> k;
    std::vector<Value> v;
    for (const auto& [key, value] : sorted) {
        k.push_back(key);
        v.push_back(value);
    }
    const auto count = static_cast<std::int64_t>(k.size());
    real::LookupAttributes attributes;
    attributes.keys = std::make_shared<const Tensor>(Shape{count}, std::move(k));
    attributes.values = std::make_shared<const Tensor>(Shape{count}, std::move(v));
    attributes.otherwise = std::make_shared<const Tensor>(Shape{}, std::vector<Value>{otherwise});
    return attributes;
}

Result<void> label_encoder(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    for (const auto* name : {"keys_strings", "values_strings", "classes_strings"})
        if (node.has_attribute(name)) return unsupported("keys or values are strings");
    if (node.has_attribute("keys_tensor") || node.has_attribute("values_tensor"))
        return unsupported("keys or values as tensors");
    node.ignore("default_string");
    BOOST_OUTCOME_TRY(const auto integer_keys, node.integers("keys_int64s"));
    BOOST_OUTCOME_TRY(const auto float_keys, node.numbers("keys_floats"));
    BOOST_OUTCOME_TRY(const auto integer_values, node.integers("values_int64s"));
    BOOST_OUTCOME_TRY(const auto float_values, node.numbers("values_floats"));
    BOOST_OUTCOME_TRY(const auto default_integer, node.integer("default_int64", -1));
    BOOST_OUTCOME_TRY(const auto default_float, node.number("default_float", -0.0F));
    auto attributes = !integer_keys.empty()
                          ? (!integer_values.empty() ? lookup(integer_keys, integer_values, default_integer)
                                                     : lookup(integer_keys, float_values, default_float))
                          : (!integer_values.empty() ? lookup(float_keys, integer_values, default_integer)
                                                     : lookup(float_keys, float_values, default_float));
    if (!attributes) return attributes.error();
    BOOST_OUTCOME_TRY(const auto y,
                      node.build().add_one(Op::lookup, std::move(attributes).value(), {node.input(0)}));
    node.set(0, y, default_file_type(node.build().type(y).element));
    return success();
}

Result<void> feature_vectorizer(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(std::max<std::size_t>(node.input_count(), 1)));
    BOOST_OUTCOME_TRY(const auto sizes, node.integers("inputdimensions"));
    if (!sizes.empty() && sizes.size() != node.input_count())
        return invalid("inputdimensions " + to_string(sizes));
    std::vector<ValueId> rows;
    for (std::size_t i = 0; i < node.input_count(); ++i) {
        BOOST_OUTCOME_TRY(const auto x, feature_rows(node, i));
        if (!sizes.empty() && node.build().shape(x)[1] != sizes[i])
            return unsupported("inputdimensions other than the inputs' sizes");
        rows.push_back(x);
    }
    BOOST_OUTCOME_TRY(const auto y, node.build().add_one(Op::concat, real::Axis{1}, std::move(rows)));
    node.set(0, y, TensorProto::FLOAT);
    return success();
}

Result<void> imputer(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    auto& build = node.build();
    const auto x = node.input(0);
    if (node.type(0).element == ElementType::i64) {
        BOOST_OUTCOME_TRY(auto values, node.integers("imputed_value_int64s"));
        BOOST_OUTCOME_TRY(const auto replaced, node.integer("replaced_value_int64", 0));
        const auto count = static_cast<std::int64_t>(values.size());
        if (count == 0) return invalid("no values to put in");
        BOOST_OUTCOME_TRY(const auto row,
                          build.add_constant(Tensor(count == 1 ? Shape{} : Shape{count}, std::move(values))));
        BOOST_OUTCOME_TRY(const auto wanted,
                          build.add_constant(Tensor(Shape{}, std::vector<std::int64_t>{replaced})));
        BOOST_OUTCOME_TRY(const auto missing, build.add_one(Op::equal, NoAttributes{}, {x, wanted}));
        return node.result(Op::where, NoAttributes{}, {missing, row, x});
    }
    BOOST_OUTCOME_TRY(auto values, node.numbers("imputed_value_floats"));
    BOOST_OUTCOME_TRY(const auto replaced, node.number("replaced_value_float", 0));
    if (values.empty()) return invalid("no values to put in");
    BOOST_OUTCOME_TRY(const auto row, per_feature(node, std::move(values)));
    ValueId missing = kAbsent;
    if (std::isnan(replaced)) {
        BOOST_OUTCOME_TRY(missing, build.add_one(Op::is_nan, NoAttributes{}, {x}));
    } else {
        BOOST_OUTCOME_TRY(const auto wanted, build.scalar(static_cast<double>(replaced), ElementType::f32));
        BOOST_OUTCOME_TRY(missing, build.add_one(Op::equal, NoAttributes{}, {x, wanted}));
    }
    return node.result(Op::where, NoAttributes{}, {missing, row, x});
}

Result<void> binarizer(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    BOOST_OUTCOME_TRY(const auto threshold, node.number("threshold", 0));
    auto& build = node.build();
    const auto element = node.type(0).element;
    if (element != ElementType::f32) return unsupported("of " + file_type_name(node.file_type(0)));
    BOOST_OUTCOME_TRY(const auto limit, build.scalar(static_cast<double>(threshold), element));
    BOOST_OUTCOME_TRY(const auto above, build.add_one(Op::less, NoAttributes{}, {limit, node.input(0)}));
    BOOST_OUTCOME_TRY(const auto y, build.cast(above, element));
    node.set(0, y);
    return success();
}

/// A map per row; what a chain can carry is the tensor of its values.
Result<void> zip_map(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    node.ignore("classlabels_int64s");
    node.ignore("classlabels_strings");
    node.build().graph().notes.push_back("ZipMap '" + node.node().name() +
                                         "' is left out: its output is the tensor of scores");
    node.set(0, node.input(0));
    return success();
}

constexpr OnnxOperator kClassicalRows[] = {
    {"ai.onnx.ml", "LinearRegressor", 1, Tier::one, linear_regressor},
    {"ai.onnx.ml", "LinearClassifier", 1, Tier::one, linear_classifier},
    {"ai.onnx.ml", "Scaler", 1, Tier::one, scaler},
    {"ai.onnx.ml", "Normalizer", 1, Tier::one, normalizer},
    {"ai.onnx.ml", "OneHotEncoder", 1, Tier::one, one_hot_encoder},
    {"ai.onnx.ml", "LabelEncoder", 2, Tier::one, label_encoder},
    {"ai.onnx.ml", "FeatureVectorizer", 1, Tier::one, feature_vectorizer},
    {"ai.onnx.ml", "Imputer", 1, Tier::one, imputer},
    {"ai.onnx.ml", "Binarizer", 1, Tier::one, binarizer},
    {"ai.onnx.ml", "ZipMap", 1, Tier::folded, zip_map},
};

}  // namespace

std::span<const OnnxOperator> classical_operators() { return kClassicalRows; }

}  // namespace valence::ml::onnx_import
