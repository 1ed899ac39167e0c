// Reductions, arg-max and arg-min, cumulative sums.
#include "valence/ml/onnx/node_context.hpp"
#include "valence/ml/onnx/operator_table.hpp"
#include "valence/ml/onnx/read_tensor.hpp"

namespace valence::ml::onnx_import {
namespace {

using real::NoAttributes;
using real::ReducedAxes;

/// The axes from the attribute or, from `input_since` on, the second input. None means all, or with
/// noop_with_empty_axes none: then nothing is reduced and `keep` is of no account.
Result<ReducedAxes> read_axes(NodeContext& node, std::int64_t input_since) {
    BOOST_OUTCOME_TRYV(node.require(1));
    const auto rank = node.shape(0).size();
    Shape axes;
    std::int64_t noop = 0;
    if (node.opset() >= input_since) {
        BOOST_OUTCOME_TRY(noop, node.integer("noop_with_empty_axes", 0));
        if (node.has(1)) {
            BOOST_OUTCOME_TRY(auto given, node.constant_integers(1, "the list of axes"));
            axes = std::move(given);
        }
    } else {
        BOOST_OUTCOME_TRY(auto given, node.integers("axes"));
        axes = std::move(given);
    }
    BOOST_OUTCOME_TRY(const auto keep, node.integer("keepdims", 1));
    if (axes.empty() && noop == 0)
        for (std::size_t i = 0; i < rank; ++i)
            axes.push_back(static_cast<std::int64_t>(i));
    BOOST_OUTCOME_TRY(auto sorted, normalised_axes(std::move(axes), rank));
    return ReducedAxes{std::move(sorted), keep != 0};
}

enum class Before : std::uint8_t { nothing, absolute, square };
enum class After : std::uint8_t { nothing, root, logarithm };

template <Op op, int kInputSince, Before before = Before::nothing, After after = After::nothing>
Result<void> reduce(NodeContext& node) {
    BOOST_OUTCOME_TRY(auto axes, read_axes(node, kInputSince));
    if ((op == Op::reduce_sum || op == Op::reduce_prod) && is_narrow_integer(node.file_type(0)))
        return unsupported("arithmetic in " + file_type_name(node.file_type(0)) + ", which wraps around");
    auto& build = node.build();
    auto x = node.input(0);
    if (before != Before::nothing) {
        BOOST_OUTCOME_TRY(x, before == Before::absolute ? build.add_one(Op::abs, NoAttributes{}, {x})
                                                        : build.add_one(Op::mul, NoAttributes{}, {x, x}));
    }
    BOOST_OUTCOME_TRY(auto y, build.add_one(op, std::move(axes), {x}));
    if (after != After::nothing) {
        BOOST_OUTCOME_TRY(y, build.add_one(after == After::root ? Op::sqrt : Op::log, NoAttributes{}, {y}));
    }
    node.set(0, y);
    return success();
}

template <Op op>
Result<void> arg(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    BOOST_OUTCOME_TRY(const auto axis, node.axis("axis", 0, node.shape(0).size()));
    BOOST_OUTCOME_TRY(const auto keep, node.integer("keepdims", 1));
    BOOST_OUTCOME_TRY(const auto last, node.integer("select_last_index", 0));
    BOOST_OUTCOME_TRY(const auto y, node.build().add_one(op, real::ArgAttributes{axis, keep != 0, last != 0},
                                                         {node.input(0)}));
    node.set(0, y, ::onnx::TensorProto::INT64);
    return success();
}

Result<void> cum_sum(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    BOOST_OUTCOME_TRY(const auto axes, node.constant_integers(1, "the axis"));
    if (axes.size() != 1) return invalid("one axis is needed");
    BOOST_OUTCOME_TRY(const auto axis, normalised_axis(axes[0], node.shape(0).size()));
    BOOST_OUTCOME_TRY(const auto exclusive, node.integer("exclusive", 0));
    BOOST_OUTCOME_TRY(const auto reverse, node.integer("reverse", 0));
    return node.result(Op::cum_sum, real::CumulativeAttributes{axis, exclusive != 0, reverse != 0},
                       {node.input(0)});
}

constexpr OnnxOperator kReductionRows[] = {
    {"", "ReduceSum", 1, Tier::one, reduce<Op::reduce_sum, 13>},
    {"", "ReduceMean", 1, Tier::one, reduce<Op::reduce_mean, 18>},
    {"", "ReduceMax", 1, Tier::one, reduce<Op::reduce_max, 18>},
    {"", "ReduceMin", 1, Tier::two, reduce<Op::reduce_min, 18>},
    {"", "ReduceProd", 1, Tier::two, reduce<Op::reduce_prod, 18>},
    {"", "ReduceL1", 1, Tier::two, reduce<Op::reduce_sum, 18, Before::absolute>},
    {"", "ReduceL2", 1, Tier::two, reduce<Op::reduce_sum, 18, Before::square, After::root>},
    {"", "ReduceSumSquare", 1, Tier::two, reduce<Op::reduce_sum, 18, Before::square>},
    {"", "ReduceLogSum", 1, Tier::two, reduce<Op::reduce_sum, 18, Before::nothing, After::logarithm>},
    {"", "ReduceLogSumExp", 1, Tier::two, reduce<Op::reduce_log_sum_exp, 18>},
    {"", "ArgMax", 1, Tier::one, arg<Op::arg_max>},
    {"", "ArgMin", 1, Tier::two, arg<Op::arg_min>},
    {"", "CumSum", 11, Tier::two, cum_sum},
};

}  // namespace

std::span<const OnnxOperator> reduce_operators() { return kReductionRows; }

}  // namespace valence::ml::onnx_import
