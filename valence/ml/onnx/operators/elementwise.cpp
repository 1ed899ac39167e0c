// Operators that work element by element.
#include <limits>

#include "valence/ml/onnx/node_context.hpp"
#include "valence/ml/onnx/operator_table.hpp"
#include "valence/ml/onnx/read_tensor.hpp"

namespace valence::ml::onnx_import {
namespace {

using ::onnx::TensorProto;
using real::Bounds;
using real::NoAttributes;
using real::Scalars;

/// Arithmetic wraps in types narrower than the float graph's integers.
Result<void> refuse_narrow(const NodeContext& node) {
    for (std::size_t i = 0; i < node.input_count(); ++i)
        if (is_narrow_integer(node.file_type(i)))
            return unsupported("arithmetic in " + file_type_name(node.file_type(i)) + ", which wraps around");
    return success();
}

template <Op op>
Result<void> unary(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    BOOST_OUTCOME_TRYV(refuse_narrow(node));
    return node.result(op, NoAttributes{}, {node.input(0)});
}

/// Before opset 7 the second operand was aligned at an axis, if `broadcast` was set.
Result<ValueId> second_operand(NodeContext& node) {
    if (node.opset() >= 7) return node.input(1);
    BOOST_OUTCOME_TRY(const auto broadcast, node.integer("broadcast", 0));
    node.ignore("consumed_inputs");
    const bool has_axis = node.has_attribute("axis");
    const auto rank = node.shape(0).size();
    BOOST_OUTCOME_TRY(const auto axis, node.integer("axis", 0));
    if (broadcast == 0) {
        if (node.shape(0) != node.shape(1)) return invalid("shapes differ without 'broadcast'");
        return node.input(1);
    }
    if (!has_axis) return node.input(1);
    BOOST_OUTCOME_TRY(const auto place, normalised_axis(axis, rank));
    auto shape = node.shape(1);
    if (shape.size() + static_cast<std::size_t>(place) > rank)
        return invalid("the second operand has too many axes");
    shape.resize(rank - static_cast<std::size_t>(place), 1);
    return node.build().reshape(node.input(1), std::move(shape));
}

template <Op op>
Result<void> binary(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    if (op != Op::equal && op != Op::less && op != Op::less_or_equal) {
        BOOST_OUTCOME_TRYV(refuse_narrow(node));
    }
    BOOST_OUTCOME_TRY(const auto second, second_operand(node));
    return node.result(op, NoAttributes{}, {node.input(0), second});
}

/// Greater is Less the other way round.
template <Op op>
Result<void> reversed(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    BOOST_OUTCOME_TRY(const auto second, second_operand(node));
    return node.result(op, NoAttributes{}, {second, node.input(0)});
}

/// One input and one number, e.g. LeakyRelu's alpha; {name, value if absent}.
Result<void> with_scalars(NodeContext& node, Op op, std::string_view alpha, float alpha_default,
                          std::string_view beta = {}, float beta_default = 0) {
    BOOST_OUTCOME_TRYV(node.require(1));
    Scalars scalars;
    BOOST_OUTCOME_TRY(const auto a, node.number(alpha, alpha_default));
    scalars.alpha = a;
    if (!beta.empty()) {
        BOOST_OUTCOME_TRY(const auto b, node.number(beta, beta_default));
        scalars.beta = b;
    }
    node.ignore("consumed_inputs");
    return node.result(op, scalars, {node.input(0)});
}

Result<void> leaky_relu(NodeContext& node) { return with_scalars(node, Op::leaky_relu, "alpha", 0.01F); }
Result<void> elu(NodeContext& node) { return with_scalars(node, Op::elu, "alpha", 1); }
Result<void> celu(NodeContext& node) { return with_scalars(node, Op::celu, "alpha", 1); }
Result<void> thresholded_relu(NodeContext& node) {
    return with_scalars(node, Op::thresholded_relu, "alpha", 1);
}
Result<void> hard_sigmoid(NodeContext& node) {
    return with_scalars(node, Op::hard_sigmoid, "alpha", 0.2F, "beta", 0.5F);
}
Result<void> swish(NodeContext& node) { return with_scalars(node, Op::swish, "alpha", 1); }
Result<void> quick_gelu(NodeContext& node) { return with_scalars(node, Op::swish, "alpha", 1.702F); }
Result<void> shrink(NodeContext& node) { return with_scalars(node, Op::shrink, "lambd", 0.5F, "bias", 0); }
Result<void> selu(NodeContext& node) {
    const bool old = node.opset() < 6;
    return with_scalars(node, Op::selu, "alpha", old ? 1.6732F : 1.67326319217681884765625F, "gamma",
                        old ? 1.0507F : 1.05070102214813232421875F);
}

Result<void> gelu(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    BOOST_OUTCOME_TRY(const auto approximate, node.text("approximate", "none"));
    if (approximate == "none") return node.result(Op::gelu, NoAttributes{}, {node.input(0)});
    if (approximate == "tanh") return node.result(Op::gelu_tanh, NoAttributes{}, {node.input(0)});
    return unsupported("approximate = '" + approximate + "'");
}

/// com.microsoft.FastGelu and BiasGelu: the function of the sum with an optional bias.
template <Op op>
Result<void> biased_gelu(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    auto x = node.input(0);
    if (node.has(1)) {
        BOOST_OUTCOME_TRY(const auto sum, node.build().add_one(Op::add, NoAttributes{}, {x, node.input(1)}));
        x = sum;
    }
    return node.result(op, NoAttributes{}, {x});
}

Result<void> is_inf(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    BOOST_OUTCOME_TRY(const auto negative, node.integer("detect_negative", 1));
    BOOST_OUTCOME_TRY(const auto positive, node.integer("detect_positive", 1));
    return node.result(Op::is_inf, real::Infinities{negative != 0, positive != 0}, {node.input(0)});
}

Result<void> prelu(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    node.ignore("consumed_inputs");
    auto slope = node.input(1);
    // Before opset 7 one slope per channel, whatever the rank.
    if (node.opset() < 7 && node.shape(1).size() == 1 && node.shape(0).size() > 1) {
        Shape shape(node.shape(0).size() - 1, 1);
        shape[0] = node.shape(1)[0];
        BOOST_OUTCOME_TRY(const auto aligned, node.build().reshape(slope, std::move(shape)));
        slope = aligned;
    }
    BOOST_OUTCOME_TRYV(node.result(Op::prelu, NoAttributes{}, {node.input(0), slope}));
    if (node.build().shape(node.outputs()[0].id) != node.shape(0))
        return invalid("slope does not fit the input");
    return success();
}

Result<void> clip_by_tensors(NodeContext& node, ValueId x) {
    for (const std::size_t i : {std::size_t{1}, std::size_t{2}})
        if (node.has(i)) {
            BOOST_OUTCOME_TRY(const auto clipped, node.build().add_one(i == 1 ? Op::max : Op::min,
                                                                       NoAttributes{}, {x, node.input(i)}));
            x = clipped;
        }
    node.set(0, x);
    return success();
}

Result<void> clip(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    Bounds bounds{-kInfinity, kInfinity};
    if (node.opset() < 11) {
        node.ignore("consumed_inputs");
        BOOST_OUTCOME_TRY(const auto low, node.number("min", -kInfinity));
        BOOST_OUTCOME_TRY(const auto high, node.number("max", kInfinity));
        return node.result(Op::clip, Bounds{low, high}, {node.input(0)});
    }
    if (node.type(0).element != ElementType::f32) return clip_by_tensors(node, node.input(0));
    for (const std::size_t i : {std::size_t{1}, std::size_t{2}}) {
        if (!node.has(i)) continue;
        const auto* tensor = node.build().constant(node.input(i));
        if (tensor == nullptr || tensor->element() != ElementType::f32 || tensor->count() != 1)
            return clip_by_tensors(node, node.input(0));
        (i == 1 ? bounds.low : bounds.high) = tensor->f32()[0];
    }
    return node.result(Op::clip, bounds, {node.input(0)});
}

Result<void> power(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    BOOST_OUTCOME_TRY(auto exponent, second_operand(node));
    const auto element = node.type(0).element;
    auto& build = node.build();
    if (element == ElementType::i64 && node.type(1).element == ElementType::f32) {
        BOOST_OUTCOME_TRY(const auto base, build.cast(node.input(0), ElementType::f32));
        BOOST_OUTCOME_TRY(const auto y, build.add_one(Op::pow, NoAttributes{}, {base, exponent}));
        BOOST_OUTCOME_TRY(const auto back, build.cast(y, ElementType::i64));
        node.set(0, back, node.file_type(0));
        return success();
    }
    BOOST_OUTCOME_TRY(const auto same, build.cast(exponent, element));
    BOOST_OUTCOME_TRYV(node.result(Op::pow, NoAttributes{}, {node.input(0), same}));
    if (is_narrow_integer(node.file_type(0))) return refuse_narrow(node);
    return success();
}

Result<void> modulo(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    BOOST_OUTCOME_TRY(const auto c_like, node.integer("fmod", 0));
    if (node.type(0).element == ElementType::f32 && c_like == 0) return invalid("fmod = 0 for floats");
    return node.result(c_like != 0 ? Op::fmod : Op::mod, NoAttributes{}, {node.input(0), node.input(1)});
}

/// Min, Max, Sum, Mean of any number of inputs.
template <Op op>
Result<ValueId> fold_inputs(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(std::max<std::size_t>(node.input_count(), 1)));
    if (op == Op::add) {
        BOOST_OUTCOME_TRYV(refuse_narrow(node));
    }
    node.ignore("consumed_inputs");
    auto x = node.input(0);
    for (std::size_t i = 1; i < node.input_count(); ++i) {
        BOOST_OUTCOME_TRY(const auto next, node.build().add_one(op, NoAttributes{}, {x, node.input(i)}));
        x = next;
    }
    return x;
}

template <Op op>
Result<void> variadic(NodeContext& node) {
    BOOST_OUTCOME_TRY(const auto x, fold_inputs<op>(node));
    node.set(0, x);
    return success();
}

Result<void> mean(NodeContext& node) {
    BOOST_OUTCOME_TRY(const auto sum, fold_inputs<Op::add>(node));
    BOOST_OUTCOME_TRY(const auto y,
                      node.build().with_scalar(Op::mul, sum, 1 / static_cast<double>(node.input_count())));
    node.set(0, y);
    return success();
}

Result<void> where(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(3));
    BOOST_OUTCOME_TRYV(node.result(Op::where, NoAttributes{}, {node.input(0), node.input(1), node.input(2)}));
    return success();
}

/// Wraps integers into a narrower type, as a conversion between integers does.
Result<ValueId> wrap(real::GraphBuilder& build, ValueId x, std::int32_t to) {
    const int bits = to == TensorProto::UINT8 || to == TensorProto::INT8     ? 8
                     : to == TensorProto::UINT16 || to == TensorProto::INT16 ? 16
                                                                             : 32;
    const double range = bits == 8 ? 256.0 : bits == 16 ? 65536.0 : 4294967296.0;
    const bool has_sign = to == TensorProto::INT8 || to == TensorProto::INT16;
    if (has_sign) {
        BOOST_OUTCOME_TRY(const auto raised, build.with_scalar(Op::add, x, range / 2));
        x = raised;
    }
    BOOST_OUTCOME_TRY(const auto rest, build.with_scalar(Op::mod, x, range));
    if (!has_sign) return rest;
    return build.with_scalar(Op::sub, rest, range / 2);
}

Result<void> cast_to(NodeContext& node, std::int32_t to) {
    const auto element = element_of(to);
    if (!element) return unsupported("to " + file_type_name(to));
    auto& build = node.build();
    const bool rounds = to == TensorProto::BFLOAT16 && node.file_type(0) != TensorProto::BFLOAT16;
    if (rounds) return unsupported("to bfloat16, whose rounding is not imitated");
    BOOST_OUTCOME_TRY(auto y, build.cast(node.input(0), element.value()));
    const bool wraps = is_narrow_integer(to) && to != TensorProto::UINT64 && to != node.file_type(0) &&
                       node.type(0).element == ElementType::i64;
    if (wraps) {
        BOOST_OUTCOME_TRY(const auto wrapped, wrap(build, y, to));
        y = wrapped;
    }
    node.set(0, y, to);
    return success();
}

Result<void> cast(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    node.ignore("saturate");    // concerns 8-bit floats, which are refused
    node.ignore("round_mode");  // likewise
    BOOST_OUTCOME_TRY(const auto to, node.integer("to", 0));
    return cast_to(node, static_cast<std::int32_t>(to));
}

Result<void> cast_like(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    node.ignore("saturate");
    return cast_to(node, node.file_type(1));
}

constexpr OnnxOperator kElementwiseRows[] = {
    {"", "Relu", 1, Tier::one, unary<Op::relu>},
    {"", "LeakyRelu", 1, Tier::one, leaky_relu},
    {"", "PRelu", 1, Tier::one, prelu},
    {"", "Elu", 1, Tier::one, elu},
    {"", "Celu", 12, Tier::two, celu},
    {"", "Selu", 1, Tier::two, selu},
    {"", "ThresholdedRelu", 10, Tier::two, thresholded_relu},
    {"", "Shrink", 9, Tier::two, shrink},
    {"", "Clip", 1, Tier::one, clip},
    {"", "Sigmoid", 1, Tier::one, unary<Op::sigmoid>},
    {"", "HardSigmoid", 1, Tier::one, hard_sigmoid},
    {"", "HardSwish", 14, Tier::two, unary<Op::hard_swish>},
    {"", "Swish", 24, Tier::two, swish},
    {"", "Mish", 18, Tier::two, unary<Op::mish>},
    {"", "Gelu", 20, Tier::one, gelu},
    {"", "Tanh", 1, Tier::one, unary<Op::tanh>},
    {"", "Softplus", 1, Tier::one, unary<Op::softplus>},
    {"", "Softsign", 1, Tier::two, unary<Op::softsign>},
    {"", "Erf", 9, Tier::one, unary<Op::erf>},
    {"", "Exp", 1, Tier::one, unary<Op::exp>},
    {"", "Log", 1, Tier::one, unary<Op::log>},
    {"", "Sqrt", 1, Tier::one, unary<Op::sqrt>},
    {"", "Reciprocal", 1, Tier::two, unary<Op::reciprocal>},
    {"", "Abs", 1, Tier::one, unary<Op::abs>},
    {"", "Neg", 1, Tier::one, unary<Op::neg>},
    {"", "Sign", 9, Tier::two, unary<Op::sign>},
    {"", "Floor", 1, Tier::two, unary<Op::floor>},
    {"", "Ceil", 1, Tier::two, unary<Op::ceil>},
    {"", "Round", 11, Tier::two, unary<Op::round>},
    {"", "Sin", 7, Tier::two, unary<Op::sin>},
    {"", "Cos", 7, Tier::two, unary<Op::cos>},
    {"", "Tan", 7, Tier::two, unary<Op::tan>},
    {"", "Asin", 7, Tier::two, unary<Op::asin>},
    {"", "Acos", 7, Tier::two, unary<Op::acos>},
    {"", "Atan", 7, Tier::two, unary<Op::atan>},
    {"", "Sinh", 9, Tier::two, unary<Op::sinh>},
    {"", "Cosh", 9, Tier::two, unary<Op::cosh>},
    {"", "Asinh", 9, Tier::two, unary<Op::asinh>},
    {"", "Acosh", 9, Tier::two, unary<Op::acosh>},
    {"", "Atanh", 9, Tier::two, unary<Op::atanh>},
    {"", "IsNaN", 9, Tier::two, unary<Op::is_nan>},
    {"", "IsInf", 10, Tier::two, is_inf},
    {"", "Not", 1, Tier::two, unary<Op::logical_not>},
    {"", "Add", 1, Tier::one, binary<Op::add>},
    {"", "Sub", 1, Tier::one, binary<Op::sub>},
    {"", "Mul", 1, Tier::one, binary<Op::mul>},
    {"", "Div", 1, Tier::one, binary<Op::div>},
    {"", "Pow", 1, Tier::one, power},
    {"", "Mod", 10, Tier::two, modulo},
    {"", "And", 1, Tier::two, binary<Op::logical_and>},
    {"", "Or", 1, Tier::two, binary<Op::logical_or>},
    {"", "Xor", 1, Tier::two, binary<Op::logical_xor>},
    {"", "Equal", 1, Tier::two, binary<Op::equal>},
    {"", "Less", 1, Tier::two, binary<Op::less>},
    {"", "LessOrEqual", 12, Tier::two, binary<Op::less_or_equal>},
    {"", "Greater", 1, Tier::two, reversed<Op::less>},
    {"", "GreaterOrEqual", 12, Tier::two, reversed<Op::less_or_equal>},
    {"", "Min", 1, Tier::one, variadic<Op::min>},
    {"", "Max", 1, Tier::one, variadic<Op::max>},
    {"", "Sum", 1, Tier::one, variadic<Op::add>},
    {"", "Mean", 1, Tier::one, mean},
    {"", "Where", 9, Tier::two, where},
    {"", "Cast", 6, Tier::one, cast},
    {"", "CastLike", 15, Tier::one, cast_like},
    {"com.microsoft", "Gelu", 1, Tier::one, unary<Op::gelu>},
    {"com.microsoft", "FastGelu", 1, Tier::one, biased_gelu<Op::gelu_tanh>},
    {"com.microsoft", "BiasGelu", 1, Tier::one, biased_gelu<Op::gelu>},
    {"com.microsoft", "QuickGelu", 1, Tier::two, quick_gelu},
};

}  // namespace

std::span<const OnnxOperator> elementwise_operators() { return kElementwiseRows; }

}  // namespace valence::ml::onnx_import
