// Normalisations and the softmax family.
#include "valence/ml/onnx/node_context.hpp"
#include "valence/ml/onnx/operator_table.hpp"

namespace valence::ml::onnx_import {
namespace {

using real::NoAttributes;
using real::NormAttributes;
using real::ReducedAxes;

Result<void> batch_norm(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(5));
    BOOST_OUTCOME_TRY(const auto epsilon, node.number("epsilon", 1e-5F));
    node.ignore("momentum");
    node.ignore("consumed_inputs");
    node.ignore("is_test");  // before opset 7; the outputs asked for say as much
    BOOST_OUTCOME_TRY(const auto spatial, node.integer("spatial", 1));
    if (spatial != 1 && node.opset() < 9) return unsupported("spatial = 0");
    BOOST_OUTCOME_TRY(const auto training, node.integer("training_mode", 0));
    if (training != 0) return unsupported("training_mode = 1");
    for (std::size_t i = 1; i < node.output_count(); ++i)
        if (node.wants(i)) return unsupported("training statistics are asked for");
    return node.result(Op::batch_norm, NormAttributes{1, 1, epsilon},
                       {node.input(0), node.input(1), node.input(2), node.input(3), node.input(4)});
}

/// A parameter that broadcasts to the normalised axes, at exactly their shape.
Result<ValueId> parameter(NodeContext& node, std::size_t i, const Shape& tail) {
    if (!node.has(i)) return kAbsent;
    auto shape = node.shape(i);
    while (shape.size() > tail.size() && shape.front() == 1)
        shape.erase(shape.begin());
    BOOST_OUTCOME_TRY(const auto trimmed, node.build().reshape(node.input(i), std::move(shape)));
    return node.build().expand(trimmed, tail);
}

/// The mean and 1/√(variance + epsilon) that LayerNormalization can also give.
Result<void> statistics(NodeContext& node, const NormAttributes& norm) {
    auto& build = node.build();
    ReducedAxes axes;
    for (auto i = norm.axis; i < static_cast<std::int64_t>(node.shape(0).size()); ++i)
        axes.axes.push_back(i);
    BOOST_OUTCOME_TRY(const auto mean, build.add_one(Op::reduce_mean, axes, {node.input(0)}));
    node.set(1, mean);
    if (!node.wants(2)) return success();
    BOOST_OUTCOME_TRY(const auto centred, build.add_one(Op::sub, NoAttributes{}, {node.input(0), mean}));
    BOOST_OUTCOME_TRY(const auto squares, build.add_one(Op::mul, NoAttributes{}, {centred, centred}));
    BOOST_OUTCOME_TRY(const auto variance, build.add_one(Op::reduce_mean, axes, {squares}));
    BOOST_OUTCOME_TRY(const auto raised,
                      build.with_scalar(Op::add, variance, static_cast<double>(norm.epsilon)));
    BOOST_OUTCOME_TRY(const auto root, build.add_one(Op::sqrt, NoAttributes{}, {raised}));
    BOOST_OUTCOME_TRY(const auto inverse, build.add_one(Op::reciprocal, NoAttributes{}, {root}));
    node.set(2, inverse);
    return success();
}

Result<void> normalise(NodeContext& node, Op op) {
    BOOST_OUTCOME_TRYV(node.require(1));
    BOOST_OUTCOME_TRY(const auto axis, node.axis("axis", -1, node.shape(0).size()));
    BOOST_OUTCOME_TRY(const auto epsilon, node.number("epsilon", 1e-5F));
    node.ignore("stash_type");  // the precision of the statistics, here always enough
    const Shape tail(node.shape(0).begin() + axis, node.shape(0).end());
    std::vector<ValueId> inputs{node.input(0)};
    for (std::size_t i = 1; i < (op == Op::layer_norm ? 3U : 2U); ++i) {
        BOOST_OUTCOME_TRY(const auto given, parameter(node, i, tail));
        inputs.push_back(given);
    }
    const NormAttributes norm{axis, 1, epsilon};
    BOOST_OUTCOME_TRYV(node.result(op, norm, std::move(inputs)));
    if (op == Op::layer_norm && (node.wants(1) || node.wants(2))) {
        BOOST_OUTCOME_TRYV(statistics(node, norm));
    }
    return success();
}

Result<void> layer_norm(NodeContext& node) { return normalise(node, Op::layer_norm); }
Result<void> rms_norm(NodeContext& node) { return normalise(node, Op::rms_norm); }

/// com.microsoft.SkipLayerNormalization: the norm of input + skip (+ bias), and that sum as output 3.
template <Op op>
Result<void> skip_norm(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(3));
    BOOST_OUTCOME_TRY(const auto epsilon, node.number("epsilon", 1e-12F));
    auto& build = node.build();
    BOOST_OUTCOME_TRY(auto sum, build.add_one(Op::add, NoAttributes{}, {node.input(0), node.input(1)}));
    const std::size_t bias = op == Op::layer_norm ? 4 : 3;
    if (node.has(bias)) {
        BOOST_OUTCOME_TRY(sum, build.add_one(Op::add, NoAttributes{}, {sum, node.input(bias)}));
    }
    const auto axis = static_cast<std::int64_t>(build.shape(sum).size()) - 1;
    std::vector<ValueId> inputs{sum, node.input(2)};
    if (op == Op::layer_norm) inputs.push_back(node.input(3));
    BOOST_OUTCOME_TRYV(node.result(op, NormAttributes{axis, 1, epsilon}, std::move(inputs)));
    if (node.wants(3)) node.set(3, sum);
    return success();
}

Result<void> instance_norm(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(3));
    BOOST_OUTCOME_TRY(const auto epsilon, node.number("epsilon", 1e-5F));
    node.ignore("consumed_inputs");
    if (node.shape(0).size() < 3) return invalid("input " + to_string(node.shape(0)));
    return node.result(Op::group_norm, NormAttributes{1, node.shape(0)[1], epsilon},
                       {node.input(0), node.input(1), node.input(2)});
}

Result<void> group_norm(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(3));
    BOOST_OUTCOME_TRY(const auto epsilon, node.number("epsilon", 1e-5F));
    BOOST_OUTCOME_TRY(const auto groups, node.integer("num_groups", 0));
    node.ignore("stash_type");
    const auto& x = node.shape(0);
    if (x.size() < 2 || groups < 1 || x[1] % groups != 0)
        return invalid("input " + to_string(x) + " in " + std::to_string(groups) + " groups");
    std::vector<ValueId> inputs{node.input(0)};
    for (const std::size_t i : {std::size_t{1}, std::size_t{2}}) {
        auto id = node.input(i);
        // Before opset 21 the parameters were one per group.
        if (node.opset() < 21) {
            if (node.shape(i) != Shape{groups}) return invalid("parameter " + to_string(node.shape(i)));
            BOOST_OUTCOME_TRY(const auto column, node.build().reshape(id, {groups, 1}));
            BOOST_OUTCOME_TRY(const auto wide, node.build().expand(column, {groups, x[1] / groups}));
            BOOST_OUTCOME_TRY(id, node.build().reshape(wide, {x[1]}));
        }
        inputs.push_back(id);
    }
    return node.result(Op::group_norm, NormAttributes{1, groups, epsilon}, std::move(inputs));
}

Result<void> local_response(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    BOOST_OUTCOME_TRY(const auto size, node.integer("size", 0));
    BOOST_OUTCOME_TRY(const auto alpha, node.number("alpha", 1e-4F));
    BOOST_OUTCOME_TRY(const auto beta, node.number("beta", 0.75F));
    BOOST_OUTCOME_TRY(const auto bias, node.number("bias", 1));
    return node.result(Op::lrn, real::LrnAttributes{size, alpha, beta, bias}, {node.input(0)});
}

Result<void> lp_norm(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    BOOST_OUTCOME_TRY(const auto axis, node.axis("axis", -1, node.shape(0).size()));
    BOOST_OUTCOME_TRY(const auto p, node.integer("p", 2));
    if (p != 1 && p != 2) return invalid("p = " + std::to_string(p));
    auto& build = node.build();
    const auto x = node.input(0);
    BOOST_OUTCOME_TRY(const auto part, p == 1 ? build.add_one(Op::abs, NoAttributes{}, {x})
                                              : build.add_one(Op::mul, NoAttributes{}, {x, x}));
    BOOST_OUTCOME_TRY(auto norm, build.add_one(Op::reduce_sum, ReducedAxes{{axis}, true}, {part}));
    if (p == 2) {
        BOOST_OUTCOME_TRY(norm, build.add_one(Op::sqrt, NoAttributes{}, {norm}));
    }
    return node.result(Op::div, NoAttributes{}, {x, norm});
}

/// (x − mean)/(standard deviation + 1e-9), as ONNX's own definition of the function computes it.
Result<void> mean_variance(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    BOOST_OUTCOME_TRY(auto list, node.integers("axes", {0, 2, 3}));
    BOOST_OUTCOME_TRY(auto axes, normalised_axes(std::move(list), node.shape(0).size()));
    auto& build = node.build();
    const ReducedAxes reduced{std::move(axes), true};
    BOOST_OUTCOME_TRY(const auto mean, build.add_one(Op::reduce_mean, reduced, {node.input(0)}));
    BOOST_OUTCOME_TRY(const auto centred, build.add_one(Op::sub, NoAttributes{}, {node.input(0), mean}));
    BOOST_OUTCOME_TRY(const auto squares, build.add_one(Op::mul, NoAttributes{}, {centred, centred}));
    BOOST_OUTCOME_TRY(const auto variance, build.add_one(Op::reduce_mean, reduced, {squares}));
    BOOST_OUTCOME_TRY(const auto deviation, build.add_one(Op::sqrt, NoAttributes{}, {variance}));
    BOOST_OUTCOME_TRY(const auto divisor, build.with_scalar(Op::add, deviation, 1e-9));
    return node.result(Op::div, NoAttributes{}, {centred, divisor});
}

/// Before opset 13 the axes from `axis` on were taken as one.
template <Op op>
Result<void> softmax(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    const auto shape = node.shape(0);
    const bool flattens = node.opset() < 13;
    BOOST_OUTCOME_TRY(const auto axis, node.axis("axis", flattens ? 1 : -1, shape.size()));
    if (!flattens || axis + 1 == static_cast<std::int64_t>(shape.size()))
        return node.result(op, real::Axis{axis}, {node.input(0)});
    Shape flat{1, 1};
    for (std::size_t i = 0; i < shape.size(); ++i)
        flat[static_cast<std::int64_t>(i) < axis ? 0 : 1] *= shape[i];
    BOOST_OUTCOME_TRY(const auto x, node.build().reshape(node.input(0), std::move(flat)));
    BOOST_OUTCOME_TRY(const auto y, node.build().add_one(op, real::Axis{1}, {x}));
    BOOST_OUTCOME_TRY(const auto back, node.build().reshape(y, shape));
    node.set(0, back);
    return success();
}

constexpr OnnxOperator kNormRows[] = {
    {"", "BatchNormalization", 1, Tier::one, batch_norm},
    {"", "LayerNormalization", 1, Tier::one, layer_norm},
    {"", "RMSNormalization", 23, Tier::two, rms_norm},
    {"", "SimplifiedLayerNormalization", 1, Tier::two, rms_norm},
    {"", "InstanceNormalization", 1, Tier::two, instance_norm},
    {"", "GroupNormalization", 18, Tier::two, group_norm},
    {"", "LRN", 1, Tier::two, local_response},
    {"", "LpNormalization", 1, Tier::two, lp_norm},
    {"", "MeanVarianceNormalization", 9, Tier::two, mean_variance},
    {"", "Softmax", 1, Tier::one, softmax<Op::softmax>},
    {"", "LogSoftmax", 1, Tier::two, softmax<Op::log_softmax>},
    {"", "Hardmax", 1, Tier::two, softmax<Op::hardmax>},
    {"com.microsoft", "SkipLayerNormalization", 1, Tier::one, skip_norm<Op::layer_norm>},
    {"com.microsoft", "SkipSimplifiedLayerNormalization", 1, Tier::two, skip_norm<Op::rms_norm>},
};

}  // namespace

std::span<const OnnxOperator> norm_operators() { return kNormRows; }

}  // namespace valence::ml::onnx_import
