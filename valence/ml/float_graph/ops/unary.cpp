// Elementwise operators of one input, and Cast.
#include <cmath>
#include <limits>
#include <numbers>

#include "valence/ml/float_graph/ops/families.hpp"
#include "valence/ml/float_graph/ops/typing.hpp"

namespace valence::ml::real {
namespace {

template <typename F>
void apply(std::span<const float> x, std::span<float> y, F f) {
    for (std::size_t i = 0; i < x.size(); ++i)
        y[i] = static_cast<float>(f(static_cast<double>(x[i])));
}

template <typename F>
void test(std::span<const float> x, std::span<std::uint8_t> y, F f) {
    for (std::size_t i = 0; i < x.size(); ++i)
        y[i] = f(x[i]) ? 1 : 0;
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

/// ln(1 + e^x) without overflow.
double soft_plus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }

/// Toward zero; not-a-number is 0 and what lies outside saturates, so that every float has a result.
std::int64_t to_integer(float x) {
    if (std::isnan(x)) return 0;
    if (x >= 9223372036854775808.0F) return std::numeric_limits<std::int64_t>::max();
    if (x < -9223372036854775808.0F) return std::numeric_limits<std::int64_t>::min();
    return static_cast<std::int64_t>(x);
}

/// abs, neg, sign of integers, wrapping at the least one.
Result<void> compute_integers(Op op, std::span<const std::int64_t> x, std::span<std::int64_t> y) {
    for (std::size_t i = 0; i < x.size(); ++i) {
        const auto negated = static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(x[i]));
        if (op == Op::neg)
            y[i] = negated;
        else if (op == Op::abs)
            y[i] = x[i] < 0 ? negated : x[i];
        else
            y[i] = (x[i] > 0) - (x[i] < 0);
    }
    return success();
}

void compute_floats(Op op, const Attributes& attributes, std::span<const float> x, std::span<float> y) {
    const auto* scalars = std::get_if<Scalars>(&attributes);
    const double a = scalars == nullptr ? 0 : static_cast<double>(scalars->alpha);
    const double b = scalars == nullptr ? 0 : static_cast<double>(scalars->beta);
    switch (op) {
        case Op::relu:
            // Not-a-number passes through, as in ONNX's max(x, 0).
            return apply(x, y, [](double v) { return v < 0 ? 0 : v; });
        case Op::leaky_relu:
            return apply(x, y, [=](double v) { return v < 0 ? a * v : v; });
        case Op::elu:
            return apply(x, y, [=](double v) { return v < 0 ? a * std::expm1(v) : v; });
        case Op::celu:
            return apply(x, y,
                         [=](double v) { return std::max(0.0, v) + std::min(0.0, a * std::expm1(v / a)); });
        case Op::selu:
            return apply(x, y, [=](double v) { return v > 0 ? b * v : b * a * std::expm1(v); });
        case Op::thresholded_relu:
            return apply(x, y, [=](double v) { return v > a ? v : 0; });
        case Op::shrink:
            return apply(x, y, [=](double v) { return v < -a ? v + b : v > a ? v - b : 0; });
        case Op::clip: {
            const auto& bounds = std::get<Bounds>(attributes);
            const double low = static_cast<double>(bounds.low);
            const double high = static_cast<double>(bounds.high);
            // The upper bound wins where the two cross, as in ONNX's min(max(x, low), high).
            return apply(x, y, [=](double v) {
                const double raised = v < low ? low : v;
                return raised > high ? high : raised;
            });
        }
        case Op::sigmoid:
            return apply(x, y, logistic);
        case Op::hard_sigmoid:
            return apply(x, y, [=](double v) { return std::max(0.0, std::min(1.0, a * v + b)); });
        case Op::hard_swish:
            return apply(x, y, [](double v) { return v * std::max(0.0, std::min(1.0, v / 6 + 0.5)); });
        case Op::swish:
            return apply(x, y, [=](double v) { return v * logistic(a * v); });
        case Op::mish:
            return apply(x, y, [](double v) { return v * std::tanh(soft_plus(v)); });
        case Op::gelu:
            return apply(x, y, [](double v) { return v / 2 * (1 + std::erf(v / std::numbers::sqrt2)); });
        case Op::gelu_tanh:
            return apply(x, y, [](double v) {
                const double scale = std::sqrt(2 / std::numbers::pi);
                return v / 2 * (1 + std::tanh(scale * (v + 0.044715 * v * v * v)));
            });
        case Op::tanh:
            return apply(x, y, [](double v) { return std::tanh(v); });
        case Op::softplus:
            return apply(x, y, soft_plus);
        case Op::softsign:
            return apply(x, y, [](double v) { return v / (1 + std::fabs(v)); });
        case Op::erf:
            return apply(x, y, [](double v) { return std::erf(v); });
        case Op::exp:
            return apply(x, y, [](double v) { return std::exp(v); });
        case Op::log:
            return apply(x, y, [](double v) { return std::log(v); });
        case Op::sqrt:
            return apply(x, y, [](double v) { return std::sqrt(v); });
        case Op::reciprocal:
            return apply(x, y, [](double v) { return 1 / v; });
        case Op::abs:
            return apply(x, y, [](double v) { return std::fabs(v); });
        case Op::neg:
            return apply(x, y, [](double v) { return -v; });
        case Op::sign:
            return apply(x, y, [](double v) { return (v > 0) - (v < 0); });
        case Op::floor:
            return apply(x, y, [](double v) { return std::floor(v); });
        case Op::ceil:
            return apply(x, y, [](double v) { return std::ceil(v); });
        case Op::round:
            return apply(x, y, [](double v) { return std::nearbyint(v); });
        case Op::sin:
            return apply(x, y, [](double v) { return std::sin(v); });
        case Op::cos:
            return apply(x, y, [](double v) { return std::cos(v); });
        case Op::tan:
            return apply(x, y, [](double v) { return std::tan(v); });
        case Op::asin:
            return apply(x, y, [](double v) { return std::asin(v); });
        case Op::acos:
            return apply(x, y, [](double v) { return std::acos(v); });
        case Op::atan:
            return apply(x, y, [](double v) { return std::atan(v); });
        case Op::sinh:
            return apply(x, y, [](double v) { return std::sinh(v); });
        case Op::cosh:
            return apply(x, y, [](double v) { return std::cosh(v); });
        case Op::asinh:
            return apply(x, y, [](double v) { return std::asinh(v); });
        case Op::acosh:
            return apply(x, y, [](double v) { return std::acosh(v); });
        case Op::atanh:
            return apply(x, y, [](double v) { return std::atanh(v); });
        default:
            base::check_failed("an elementwise operator", __FILE__, __LINE__);
    }
}

}  // namespace

OutputTypes infer_unary(Op op, const Attributes&, InputTypes inputs) {
    auto type = *inputs[0];
    if (op == Op::logical_not) {
        BOOST_OUTCOME_TRYV(expect(type, ElementType::boolean, "input"));
    } else if (op != Op::abs && op != Op::neg && op != Op::sign) {
        BOOST_OUTCOME_TRYV(expect(type, ElementType::f32, "input"));
    } else if (type.element == ElementType::boolean) {
        return Error{GraphError::type_invalid, "input is bool"};
    }
    if (op == Op::is_nan || op == Op::is_inf) type.element = ElementType::boolean;
    return one_output(std::move(type));
}

Result<void> compute_unary(Op op, const Attributes& attributes, InputTensors inputs,
                           std::span<Tensor> outputs) {
    const auto& x = *inputs[0];
    auto& y = outputs[0];
    if (x.element() == ElementType::i64) return compute_integers(op, x.i64(), y.i64());
    if (op == Op::logical_not) {
        std::transform(x.boolean().begin(), x.boolean().end(), y.boolean().begin(),
                       [](std::uint8_t v) { return static_cast<std::uint8_t>(v == 0); });
    } else if (op == Op::is_nan) {
        test(x.f32(), y.boolean(), [](float v) { return std::isnan(v); });
    } else if (op == Op::is_inf) {
        const auto which = std::get<Infinities>(attributes);
        test(x.f32(), y.boolean(),
             [=](float v) { return std::isinf(v) && (v < 0 ? which.negative : which.positive); });
    } else {
        compute_floats(op, attributes, x.f32(), y.f32());
    }
    return success();
}

OutputTypes infer_cast(Op, const Attributes& attributes, InputTypes inputs) {
    return one_output({std::get<CastTo>(attributes).element, inputs[0]->shape});
}

Result<void> compute_cast(Op, const Attributes& attributes, InputTensors inputs, std::span<Tensor> outputs) {
    const auto to = std::get<CastTo>(attributes).element;
    dispatch(inputs[0]->element(), [&](auto from) {
        using From = decltype(from);
        const auto x = elements<From>(*inputs[0]);
        dispatch(to, [&](auto target) {
            using To = decltype(target);
            const auto y = elements<To>(outputs[0]);
            for (std::size_t i = 0; i < x.size(); ++i) {
                if constexpr (std::is_same_v<To, std::uint8_t>)
                    y[i] = x[i] != From{} ? 1 : 0;
                else if constexpr (std::is_same_v<From, float> && std::is_same_v<To, std::int64_t>)
                    y[i] = to_integer(x[i]);
                else
                    y[i] = static_cast<To>(x[i]);
            }
        });
    });
    return success();
}

}  // namespace valence::ml::real
