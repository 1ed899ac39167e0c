#include "valence/ml/float_graph/operator.hpp"

#include <limits>

#include "valence/ml/float_graph/ops/families.hpp"

namespace valence::ml::real {
namespace {

template <typename T, std::size_t I = 0>
constexpr std::size_t index_of() {
    if constexpr (std::is_same_v<std::variant_alternative_t<I, Attributes>, T>)
        return I;
    else
        return index_of<T, I + 1>();
}
template <typename T>
constexpr std::size_t kIndexOf = index_of<T>();

// In the order of Op.
constexpr Operator kOperators[] = {
    {Op::relu, "relu", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::leaky_relu, "leaky_relu", 1, 1, kIndexOf<Scalars>, infer_unary, compute_unary},
    {Op::elu, "elu", 1, 1, kIndexOf<Scalars>, infer_unary, compute_unary},
    {Op::celu, "celu", 1, 1, kIndexOf<Scalars>, infer_unary, compute_unary},
    {Op::selu, "selu", 1, 1, kIndexOf<Scalars>, infer_unary, compute_unary},
    {Op::thresholded_relu, "thresholded_relu", 1, 1, kIndexOf<Scalars>, infer_unary, compute_unary},
    {Op::shrink, "shrink", 1, 1, kIndexOf<Scalars>, infer_unary, compute_unary},
    {Op::clip, "clip", 1, 1, kIndexOf<Bounds>, infer_unary, compute_unary},
    {Op::sigmoid, "sigmoid", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::hard_sigmoid, "hard_sigmoid", 1, 1, kIndexOf<Scalars>, infer_unary, compute_unary},
    {Op::hard_swish, "hard_swish", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::swish, "swish", 1, 1, kIndexOf<Scalars>, infer_unary, compute_unary},
    {Op::mish, "mish", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::gelu, "gelu", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::gelu_tanh, "gelu_tanh", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::tanh, "tanh", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::softplus, "softplus", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::softsign, "softsign", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::erf, "erf", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::exp, "exp", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::log, "log", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::sqrt, "sqrt", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::reciprocal, "reciprocal", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::abs, "abs", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::neg, "neg", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::sign, "sign", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::floor, "floor", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::ceil, "ceil", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::round, "round", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::sin, "sin", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::cos, "cos", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::tan, "tan", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::asin, "asin", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::acos, "acos", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::atan, "atan", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::sinh, "sinh", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::cosh, "cosh", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::asinh, "asinh", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::acosh, "acosh", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::atanh, "atanh", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::is_nan, "is_nan", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::is_inf, "is_inf", 1, 1, kIndexOf<Infinities>, infer_unary, compute_unary},
    {Op::logical_not, "logical_not", 1, 1, kIndexOf<NoAttributes>, infer_unary, compute_unary},
    {Op::cast, "cast", 1, 1, kIndexOf<CastTo>, infer_cast, compute_cast},
    {Op::add, "add", 2, 2, kIndexOf<NoAttributes>, infer_binary, compute_binary},
    {Op::sub, "sub", 2, 2, kIndexOf<NoAttributes>, infer_binary, compute_binary},
    {Op::mul, "mul", 2, 2, kIndexOf<NoAttributes>, infer_binary, compute_binary},
    {Op::div, "div", 2, 2, kIndexOf<NoAttributes>, infer_binary, compute_binary},
    {Op::pow, "pow", 2, 2, kIndexOf<NoAttributes>, infer_binary, compute_binary},
    {Op::min, "min", 2, 2, kIndexOf<NoAttributes>, infer_binary, compute_binary},
    {Op::max, "max", 2, 2, kIndexOf<NoAttributes>, infer_binary, compute_binary},
    {Op::mod, "mod", 2, 2, kIndexOf<NoAttributes>, infer_binary, compute_binary},
    {Op::fmod, "fmod", 2, 2, kIndexOf<NoAttributes>, infer_binary, compute_binary},
    {Op::prelu, "prelu", 2, 2, kIndexOf<NoAttributes>, infer_binary, compute_binary},
    {Op::equal, "equal", 2, 2, kIndexOf<NoAttributes>, infer_binary, compute_binary},
    {Op::less, "less", 2, 2, kIndexOf<NoAttributes>, infer_binary, compute_binary},
    {Op::less_or_equal, "less_or_equal", 2, 2, kIndexOf<NoAttributes>, infer_binary, compute_binary},
    {Op::logical_and, "logical_and", 2, 2, kIndexOf<NoAttributes>, infer_binary, compute_binary},
    {Op::logical_or, "logical_or", 2, 2, kIndexOf<NoAttributes>, infer_binary, compute_binary},
    {Op::logical_xor, "logical_xor", 2, 2, kIndexOf<NoAttributes>, infer_binary, compute_binary},
    {Op::where, "where", 3, 3, kIndexOf<NoAttributes>, infer_where, compute_where},
    {Op::matmul, "matmul", 2, 3, kIndexOf<MatMulAttributes>, infer_matmul, compute_matmul},
    {Op::conv, "conv", 2, 3, kIndexOf<Window>, infer_conv, compute_conv},
    {Op::conv_transpose, "conv_transpose", 2, 3, kIndexOf<Window>, infer_conv_transpose,
     compute_conv_transpose},
    {Op::max_pool, "max_pool", 1, 1, kIndexOf<Window>, infer_pool, compute_pool},
    {Op::average_pool, "average_pool", 1, 1, kIndexOf<Window>, infer_pool, compute_pool},
    {Op::reduce_sum, "reduce_sum", 1, 1, kIndexOf<ReducedAxes>, infer_reduce, compute_reduce},
    {Op::reduce_mean, "reduce_mean", 1, 1, kIndexOf<ReducedAxes>, infer_reduce, compute_reduce},
    {Op::reduce_max, "reduce_max", 1, 1, kIndexOf<ReducedAxes>, infer_reduce, compute_reduce},
    {Op::reduce_min, "reduce_min", 1, 1, kIndexOf<ReducedAxes>, infer_reduce, compute_reduce},
    {Op::reduce_prod, "reduce_prod", 1, 1, kIndexOf<ReducedAxes>, infer_reduce, compute_reduce},
    {Op::reduce_log_sum_exp, "reduce_log_sum_exp", 1, 1, kIndexOf<ReducedAxes>, infer_reduce, compute_reduce},
    {Op::arg_max, "arg_max", 1, 1, kIndexOf<ArgAttributes>, infer_arg, compute_arg},
    {Op::arg_min, "arg_min", 1, 1, kIndexOf<ArgAttributes>, infer_arg, compute_arg},
    {Op::cum_sum, "cum_sum", 1, 1, kIndexOf<CumulativeAttributes>, infer_cum_sum, compute_cum_sum},
    {Op::batch_norm, "batch_norm", 5, 5, kIndexOf<NormAttributes>, infer_norm, compute_norm},
    {Op::layer_norm, "layer_norm", 1, 3, kIndexOf<NormAttributes>, infer_norm, compute_norm},
    {Op::rms_norm, "rms_norm", 1, 2, kIndexOf<NormAttributes>, infer_norm, compute_norm},
    {Op::group_norm, "group_norm", 3, 3, kIndexOf<NormAttributes>, infer_norm, compute_norm},
    {Op::lrn, "lrn", 1, 1, kIndexOf<LrnAttributes>, infer_lrn, compute_lrn},
    {Op::softmax, "softmax", 1, 1, kIndexOf<Axis>, infer_softmax, compute_softmax},
    {Op::log_softmax, "log_softmax", 1, 1, kIndexOf<Axis>, infer_softmax, compute_softmax},
    {Op::hardmax, "hardmax", 1, 1, kIndexOf<Axis>, infer_softmax, compute_softmax},
    {Op::concat, "concat", 1, kAnyNumber, kIndexOf<Axis>, infer_concat, compute_concat},
    {Op::split, "split", 1, 1, kIndexOf<SplitAttributes>, infer_split, compute_split},
    {Op::slice, "slice", 1, 1, kIndexOf<SliceAttributes>, infer_slice, compute_slice},
    {Op::gather, "gather", 2, 2, kIndexOf<Axis>, infer_gather, compute_gather},
    {Op::gather_elements, "gather_elements", 2, 2, kIndexOf<Axis>, infer_gather_elements,
     compute_gather_elements},
    {Op::gather_nd, "gather_nd", 2, 2, kIndexOf<BatchDims>, infer_gather_nd, compute_gather_nd},
    {Op::scatter_elements, "scatter_elements", 3, 3, kIndexOf<ScatterAttributes>, infer_scatter_elements,
     compute_scatter_elements},
    {Op::scatter_nd, "scatter_nd", 3, 3, kIndexOf<ScatterAttributes>, infer_scatter_nd, compute_scatter_nd},
    {Op::transpose, "transpose", 1, 1, kIndexOf<Permutation>, infer_transpose, compute_transpose},
    {Op::reshape, "reshape", 1, 1, kIndexOf<TargetShape>, infer_reshape, compute_reshape},
    {Op::expand, "expand", 1, 1, kIndexOf<TargetShape>, infer_expand, compute_expand},
    {Op::tile, "tile", 1, 1, kIndexOf<TileAttributes>, infer_tile, compute_tile},
    {Op::pad, "pad", 1, 1, kIndexOf<PadAttributes>, infer_pad, compute_pad},
    {Op::top_k, "top_k", 1, 1, kIndexOf<TopKAttributes>, infer_top_k, compute_top_k},
    {Op::lstm, "lstm", 3, 7, kIndexOf<RecurrentAttributes>, infer_recurrent, compute_recurrent},
    {Op::gru, "gru", 3, 6, kIndexOf<RecurrentAttributes>, infer_recurrent, compute_recurrent},
    {Op::rnn, "rnn", 3, 5, kIndexOf<RecurrentAttributes>, infer_recurrent, compute_recurrent},
    {Op::lookup, "lookup", 1, 1, kIndexOf<LookupAttributes>, infer_lookup, compute_lookup},
    {Op::tree_ensemble, "tree_ensemble", 1, 1, kIndexOf<TreeAttributes>, infer_trees, compute_trees},
};

constexpr bool in_order() {
    std::size_t i = 0;
    for (const auto& row : kOperators)
        if (static_cast<std::size_t>(row.op) != i++) return false;
    return i == kOpCount;
}
static_assert(in_order());

std::uint64_t times(std::uint64_t a, std::uint64_t b) {
    if (b != 0 && a > std::numeric_limits<std::uint64_t>::max() / b)
        return std::numeric_limits<std::uint64_t>::max();
    return a * b;
}

std::uint64_t plus(std::uint64_t a, std::uint64_t b) {
    return a > std::numeric_limits<std::uint64_t>::max() - b ? std::numeric_limits<std::uint64_t>::max()
                                                             : a + b;
}

std::uint64_t count(const Shape& shape) { return static_cast<std::uint64_t>(element_count(shape)); }

}  // namespace

const Operator& facts(Op op) { return kOperators[static_cast<std::size_t>(op)]; }

std::string_view name(Op op) { return facts(op).name; }

Result<std::vector<TensorType>> infer_types(Op op, const Attributes& attributes, InputTypes inputs) {
    const auto& row = facts(op);
    const bool variadic = row.most_inputs == kAnyNumber;
    if (inputs.size() < row.least_inputs || (!variadic && inputs.size() > row.most_inputs))
        return Error{GraphError::malformed, std::to_string(inputs.size()) + " inputs"};
    for (std::size_t i = 0; i < inputs.size(); ++i)
        if (inputs[i] == nullptr && (variadic || i < row.least_inputs))
            return Error{GraphError::malformed, "input " + std::to_string(i) + " is missing"};
    if (attributes.index() != row.attributes)
        return Error{GraphError::malformed, "attributes of another operator"};
    return row.infer(op, attributes, inputs);
}

std::uint64_t work_of(Op op, const Attributes& attributes, InputTypes inputs,
                      std::span<const TensorType> outputs) {
    std::uint64_t moved = 0;
    for (const auto* input : inputs)
        if (input != nullptr) moved = plus(moved, count(input->shape));
    for (const auto& output : outputs)
        moved = plus(moved, count(output.shape));
    const auto written = outputs.empty() ? 0 : count(outputs[0].shape);
    switch (op) {
        case Op::matmul: {
            const auto& a = inputs[0]->shape;
            const auto k = std::get<MatMulAttributes>(attributes).transpose_a ? a[a.size() - 2] : a.back();
            return plus(moved, times(written, static_cast<std::uint64_t>(k)));
        }
        case Op::conv: {
            const auto& w = inputs[1]->shape;
            return plus(moved, times(written, count(Shape(w.begin() + 1, w.end()))));
        }
        case Op::conv_transpose: {
            const auto& w = inputs[1]->shape;
            return plus(moved, times(count(inputs[0]->shape), count(Shape(w.begin() + 1, w.end()))));
        }
        case Op::max_pool:
        case Op::average_pool:
            return plus(moved, times(written, count(std::get<Window>(attributes).kernel)));
        case Op::lrn:
            return plus(moved,
                        times(written, static_cast<std::uint64_t>(std::get<LrnAttributes>(attributes).size)));
        case Op::top_k:
            return times(moved, 32);
        case Op::lstm:
        case Op::gru:
        case Op::rnn: {
            const auto rows = plus(count(inputs[1]->shape), count(inputs[2]->shape));
            return plus(moved, times(rows, times(static_cast<std::uint64_t>(inputs[0]->shape[0]),
                                                 static_cast<std::uint64_t>(inputs[0]->shape[1]))));
        }
        case Op::tree_ensemble: {
            const auto& trees = *std::get<TreeAttributes>(attributes).ensemble;
            return plus(moved, times(static_cast<std::uint64_t>(inputs[0]->shape[0]), trees.nodes.size()));
        }
        default:
            return moved;
    }
}

}  // namespace valence::ml::real
