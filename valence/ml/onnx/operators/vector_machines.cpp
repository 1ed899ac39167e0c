// SVMRegressor and SVMClassifier: kernels against every support vector, then sums.
#include "valence/ml/onnx/node_context.hpp"
#include "valence/ml/onnx/operator_table.hpp"
#include "valence/ml/onnx/operators/post_transform.hpp"

namespace valence::ml::onnx_import {
namespace {

using ::onnx::TensorProto;
using real::MatMulAttributes;
using real::NoAttributes;

struct Kernel {
    std::string kind;
    double gamma = 0, coef0 = 0, degree = 0;
};

Result<Kernel> read_kernel(NodeContext& node) {
    Kernel kernel;
    BOOST_OUTCOME_TRY(kernel.kind, node.text("kernel_type", "LINEAR"));
    BOOST_OUTCOME_TRY(const auto parameters, node.numbers("kernel_params"));
    if (!parameters.empty() && parameters.size() != 3) return invalid("kernel_params");
    if (parameters.size() == 3) {
        kernel.gamma = static_cast<double>(parameters[0]);
        kernel.coef0 = static_cast<double>(parameters[1]);
        kernel.degree = static_cast<double>(parameters[2]);
    }
    return kernel;
}

/// K[N, S] of every row of x with every support vector.
Result<ValueId> kernel_matrix(real::GraphBuilder& build, const Kernel& kernel, ValueId x, ValueId vectors) {
    if (kernel.kind == "RBF") {
        const auto rows = build.shape(x)[0];
        const auto features = build.shape(x)[1];
        const auto count = build.shape(vectors)[0];
        // e^(−gamma·Σ(x − v)²), the differences taken as such: their squares expanded would cancel.
        BOOST_OUTCOME_TRY(const auto wide, build.reshape(x, {rows, 1, features}));
        BOOST_OUTCOME_TRY(const auto set, build.reshape(vectors, {1, count, features}));
        BOOST_OUTCOME_TRY(const auto difference, build.add_one(Op::sub, NoAttributes{}, {wide, set}));
        BOOST_OUTCOME_TRY(const auto squares,
                          build.add_one(Op::mul, NoAttributes{}, {difference, difference}));
        BOOST_OUTCOME_TRY(const auto distance,
                          build.add_one(Op::reduce_sum, real::ReducedAxes{{2}, false}, {squares}));
        BOOST_OUTCOME_TRY(const auto scaled, build.with_scalar(Op::mul, distance, -kernel.gamma));
        return build.add_one(Op::exp, NoAttributes{}, {scaled});
    }
    BOOST_OUTCOME_TRY(const auto dots,
                      build.add_one(Op::matmul, MatMulAttributes{false, true}, {x, vectors}));
    if (kernel.kind == "LINEAR") return dots;
    BOOST_OUTCOME_TRY(const auto scaled, build.with_scalar(Op::mul, dots, kernel.gamma));
    BOOST_OUTCOME_TRY(const auto shifted, build.with_scalar(Op::add, scaled, kernel.coef0));
    if (kernel.kind == "POLY") return build.with_scalar(Op::pow, shifted, kernel.degree);
    if (kernel.kind == "SIGMOID") return build.add_one(Op::tanh, NoAttributes{}, {shifted});
    return unsupported("kernel_type '" + kernel.kind + "'");
}

Result<ValueId> vectors_of(NodeContext& node, std::string_view name, std::int64_t count,
                           std::int64_t features) {
    BOOST_OUTCOME_TRY(auto values, node.numbers(name));
    if (count < 1 || features < 1 || count > real::kMaxElements / features ||
        static_cast<std::int64_t>(values.size()) != count * features)
        return invalid(std::string{name} + ": " + std::to_string(values.size()) + " numbers");
    return node.build().add_constant(Tensor(Shape{count, features}, std::move(values)));
}

Result<void> vector_regressor(NodeContext& node) {
    BOOST_OUTCOME_TRY(const auto x, feature_rows(node, 0));
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto kernel, read_kernel(node));
    BOOST_OUTCOME_TRY(const auto supports, node.integer("n_supports", 0));
    BOOST_OUTCOME_TRY(const auto kind, node.text("post_transform", "NONE"));
    BOOST_OUTCOME_TRY(const auto one_class, node.integer("one_class", 0));
    if (one_class != 0) return unsupported("one_class = 1");
    BOOST_OUTCOME_TRY(const auto rho, node.numbers("rho"));
    if (rho.size() != 1) return invalid("rho");
    const auto features = build.shape(x)[1];
    ValueId sum = kAbsent;
    if (supports > 0) {
        BOOST_OUTCOME_TRY(const auto vectors, vectors_of(node, "support_vectors", supports, features));
        BOOST_OUTCOME_TRY(const auto weights, vectors_of(node, "coefficients", 1, supports));
        BOOST_OUTCOME_TRY(const auto k, kernel_matrix(build, kernel, x, vectors));
        BOOST_OUTCOME_TRY(sum, build.add_one(Op::matmul, MatMulAttributes{false, true}, {k, weights}));
    } else {
        node.ignore("support_vectors");
        if (kernel.kind != "LINEAR") return invalid("no support vectors");
        BOOST_OUTCOME_TRY(const auto weights, vectors_of(node, "coefficients", 1, features));
        BOOST_OUTCOME_TRY(sum, build.add_one(Op::matmul, MatMulAttributes{false, true}, {x, weights}));
    }
    BOOST_OUTCOME_TRY(const auto raw, build.with_scalar(Op::add, sum, static_cast<double>(rho[0])));
    BOOST_OUTCOME_TRY(const auto y, post_transform(build, raw, kind));
    node.set(0, y, TensorProto::FLOAT);
    return success();
}

/// One score for each pair of classes (i, j), i < j, from the support vectors of both; positive is a vote for
/// i, else for j; most votes win. Of two classes the scores are −s and s, as onnxruntime has it.
Result<void> vote(NodeContext& node, const Kernel& kernel, ValueId x,
                  const std::vector<std::int64_t>& per_class, std::vector<float> rho, const std::string& kind,
                  std::vector<std::int64_t> labels) {
    auto& build = node.build();
    const auto classes = per_class.size();
    if (classes < 2 || classes > 1024 || labels.size() != classes ||
        rho.size() != classes * (classes - 1) / 2)
        return invalid("number of classes, labels or rho");
    std::vector<std::int64_t> start{0};
    for (const auto count : per_class) {
        if (count < 0 || count > real::kMaxElements) return invalid("vectors_per_class");
        start.push_back(start.back() + count);
    }
    const auto supports = start.back();
    BOOST_OUTCOME_TRY(const auto vectors, vectors_of(node, "support_vectors", supports, build.shape(x)[1]));
    BOOST_OUTCOME_TRY(const auto coefficients, node.numbers("coefficients"));
    if (static_cast<std::int64_t>(coefficients.size()) != supports * static_cast<std::int64_t>(classes - 1))
        return invalid("coefficients");
    const auto pairs = static_cast<std::int64_t>(rho.size());
    real::Tensor weights(real::TensorType{ElementType::f32, {pairs, supports}});
    real::Tensor ballots(real::TensorType{ElementType::f32, {static_cast<std::int64_t>(classes), pairs}});
    std::vector<float> granted(classes, 0);
    std::int64_t pair = 0;
    for (std::size_t i = 0; i < classes; ++i)
        for (std::size_t j = i + 1; j < classes; ++j, ++pair) {
            const auto take = [&](std::size_t of, std::size_t row) {
                for (auto s = start[of]; s < start[of + 1]; ++s)
                    weights.f32()[pair * supports + s] =
                        coefficients[static_cast<std::int64_t>(row) * supports + s];
            };
            take(i, j - 1);
            take(j, i);
            // A vote for j that a positive score takes back and gives to i.
            ballots.f32()[static_cast<std::int64_t>(i) * pairs + pair] = 1;
            ballots.f32()[static_cast<std::int64_t>(j) * pairs + pair] = -1;
            granted[j] += 1;
        }
    BOOST_OUTCOME_TRY(const auto k, kernel_matrix(build, kernel, x, vectors));
    BOOST_OUTCOME_TRY(const auto rows, build.add_constant(std::move(weights)));
    BOOST_OUTCOME_TRY(const auto sums, build.add_one(Op::matmul, MatMulAttributes{false, true}, {k, rows}));
    BOOST_OUTCOME_TRY(const auto offsets, build.add_constant(Tensor(Shape{pairs}, std::move(rho))));
    BOOST_OUTCOME_TRY(auto scores, build.add_one(Op::add, NoAttributes{}, {sums, offsets}));
    BOOST_OUTCOME_TRY(const auto zero, build.scalar(0, ElementType::f32));
    BOOST_OUTCOME_TRY(const auto positive, build.add_one(Op::less, NoAttributes{}, {zero, scores}));
    BOOST_OUTCOME_TRY(const auto ones, build.cast(positive, ElementType::f32));
    BOOST_OUTCOME_TRY(const auto matrix, build.add_constant(std::move(ballots)));
    BOOST_OUTCOME_TRY(const auto given, build.add_constant(Tensor(Shape{static_cast<std::int64_t>(classes)},
                                                                  std::move(granted))));
    BOOST_OUTCOME_TRY(const auto votes,
                      build.add_one(Op::matmul, MatMulAttributes{false, true}, {ones, matrix, given}));
    BOOST_OUTCOME_TRY(const auto places,
                      build.add_one(Op::arg_max, real::ArgAttributes{1, false, false}, {votes}));
    if (classes == 2) {
        if (kind != "NONE") return unsupported("two classes with post_transform '" + kind + "'");
        BOOST_OUTCOME_TRY(const auto other, build.add_one(Op::neg, NoAttributes{}, {scores}));
        BOOST_OUTCOME_TRY(scores, build.add_one(Op::concat, real::Axis{1}, {other, scores}));
    }
    BOOST_OUTCOME_TRY(scores, post_transform(build, scores, kind));
    return set_classes(node, places, scores, std::move(labels));
}

/// A linear machine without support vectors is a linear vector_classifier; one with them decides between
/// pairs of classes by vote. Probabilities come from an iteration that has no fixed form here.
Result<void> vector_classifier(NodeContext& node) {
    BOOST_OUTCOME_TRY(const auto x, feature_rows(node, 0));
    auto& build = node.build();
    BOOST_OUTCOME_TRY(auto labels, class_labels(node, "classlabels_ints", "classlabels_strings"));
    BOOST_OUTCOME_TRY(const auto kernel, read_kernel(node));
    BOOST_OUTCOME_TRY(const auto per_class, node.integers("vectors_per_class"));
    BOOST_OUTCOME_TRY(const auto kind, node.text("post_transform", "NONE"));
    BOOST_OUTCOME_TRY(const auto rho, node.numbers("rho"));
    BOOST_OUTCOME_TRY(const auto prob_a, node.numbers("prob_a"));
    BOOST_OUTCOME_TRY(const auto prob_b, node.numbers("prob_b"));
    if (!prob_a.empty() || !prob_b.empty())
        return unsupported("probabilities (prob_a, prob_b); train with probability=False");
    const auto classes = static_cast<std::int64_t>(labels.size());
    const auto features = build.shape(x)[1];
    if (!per_class.empty()) return vote(node, kernel, x, per_class, rho, kind, std::move(labels));
    node.ignore("support_vectors");
    if (kernel.kind != "LINEAR") return invalid("no support vectors");
    if (classes < 2 || rho.size() != 1)
        return unsupported("linear machine of another form than one row per class");
    BOOST_OUTCOME_TRY(const auto weights, vectors_of(node, "coefficients", classes, features));
    BOOST_OUTCOME_TRY(const auto dots,
                      build.add_one(Op::matmul, MatMulAttributes{false, true}, {x, weights}));
    BOOST_OUTCOME_TRY(const auto raw, build.with_scalar(Op::add, dots, static_cast<double>(rho[0])));
    BOOST_OUTCOME_TRY(const auto places,
                      build.add_one(Op::arg_max, real::ArgAttributes{1, false, false}, {raw}));
    BOOST_OUTCOME_TRY(const auto scores, post_transform(build, raw, kind));
    return set_classes(node, places, scores, std::move(labels));
}

constexpr OnnxOperator kVectorMachineRows[] = {
    {"ai.onnx.ml", "SVMRegressor", 1, Tier::one, vector_regressor},
    {"ai.onnx.ml", "SVMClassifier", 1, Tier::one, vector_classifier},
};

}  // namespace

std::span<const OnnxOperator> vector_machine_operators() { return kVectorMachineRows; }

}  // namespace valence::ml::onnx_import
