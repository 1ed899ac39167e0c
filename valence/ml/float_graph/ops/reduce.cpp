// Reductions over axes, arg-max and arg-min, cumulative sums.
#include <cmath>
#include <limits>

#include "valence/ml/float_graph/ops/families.hpp"
#include "valence/ml/float_graph/ops/strided.hpp"
#include "valence/ml/float_graph/ops/typing.hpp"

namespace valence::ml::real {
namespace {

/// The output's shape with extent 1 on every reduced axis.
Shape kept_shape(const Shape& x, const Shape& axes) {
    Shape shape = x;
    for (const auto axis : axes)
        shape[static_cast<std::size_t>(axis)] = 1;
    return shape;
}

/// Folds every element into the accumulator of its output place.
template <typename T, typename Accumulator, typename F>
void fold(const Tensor& x, const Shape& kept, std::vector<Accumulator>& sums, F f) {
    const auto in = elements<T>(x);
    for_each_run<2>(x.shape(), {strides_of(x.shape()), broadcast_strides(kept, x.shape())},
                    [&](const auto& at, std::int64_t n, const auto& step) {
                        for (std::int64_t i = 0; i < n; ++i) {
                            auto& sum = sums[static_cast<std::size_t>(at[1] + i * step[1])];
                            sum = f(sum, in[at[0] + i * step[0]]);
                        }
                    });
}

void reduce_floats(Op op, const Tensor& x, const Shape& kept, std::span<float> y) {
    const double infinity = std::numeric_limits<double>::infinity();
    const auto start = op == Op::reduce_max || op == Op::reduce_log_sum_exp ? -infinity
                       : op == Op::reduce_min                               ? infinity
                       : op == Op::reduce_prod                              ? 1.0
                                                                            : 0.0;
    std::vector<double> sums(y.size(), start);
    const auto run = [&](auto f) {
        fold<float>(x, kept, sums, [f](double s, float v) { return f(s, static_cast<double>(v)); });
    };
    if (op == Op::reduce_max) {
        run([](double s, double v) { return v > s || std::isnan(v) ? v : s; });
    } else if (op == Op::reduce_min) {
        run([](double s, double v) { return v < s || std::isnan(v) ? v : s; });
    } else if (op == Op::reduce_prod) {
        run([](double s, double v) { return s * v; });
    } else if (op == Op::reduce_log_sum_exp) {
        // Kept in the form ln(Σ e^v), so that no term overflows.
        run([=](double s, double v) {
            if (v == -infinity) return s;
            const double high = std::max(s, v);
            return std::isinf(high) ? high : high + std::log1p(std::exp(std::min(s, v) - high));
        });
    } else {
        run([](double s, double v) { return s + v; });
    }
    if (op == Op::reduce_mean)
        for (auto& s : sums)
            s /= static_cast<double>(x.count()) / static_cast<double>(y.size());
    std::transform(sums.begin(), sums.end(), y.begin(), [](double s) { return static_cast<float>(s); });
}

void reduce_integers(Op op, const Tensor& x, const Shape& kept, std::span<std::int64_t> y) {
    using I = std::int64_t;
    const auto start = op == Op::reduce_max    ? std::numeric_limits<I>::min()
                       : op == Op::reduce_min  ? std::numeric_limits<I>::max()
                       : op == Op::reduce_prod ? I{1}
                                               : I{0};
    std::vector<I> sums(y.size(), start);
    const auto wrapped = [](std::uint64_t v) { return static_cast<I>(v); };
    if (op == Op::reduce_max)
        fold<I>(x, kept, sums, [](I s, I v) { return std::max(s, v); });
    else if (op == Op::reduce_min)
        fold<I>(x, kept, sums, [](I s, I v) { return std::min(s, v); });
    else if (op == Op::reduce_prod)
        fold<I>(x, kept, sums, [&](I s, I v) {
            return wrapped(static_cast<std::uint64_t>(s) * static_cast<std::uint64_t>(v));
        });
    else
        fold<I>(x, kept, sums, [&](I s, I v) {
            return wrapped(static_cast<std::uint64_t>(s) + static_cast<std::uint64_t>(v));
        });
    std::copy(sums.begin(), sums.end(), y.begin());
}

template <typename T>
void arg_extremum(Op op, const ArgAttributes& arg, const Tensor& x, std::span<std::int64_t> y) {
    const auto in = elements<T>(x);
    const auto axis = static_cast<std::size_t>(arg.axis);
    const auto outer = product(x.shape(), 0, axis);
    const auto length = x.shape()[axis];
    const auto inner = product(x.shape(), axis + 1, x.shape().size());
    for (std::int64_t o = 0; o < outer; ++o)
        for (std::int64_t i = 0; i < inner; ++i) {
            const T* line = in.data() + o * length * inner + i;
            std::int64_t best = 0;
            for (std::int64_t j = 1; j < length; ++j) {
                const T v = line[j * inner];
                const T b = line[best * inner];
                const bool better = op == Op::arg_max ? v > b : v < b;
                if (better || (arg.last && v == b)) best = j;
            }
            y[o * inner + i] = best;
        }
}

}  // namespace

OutputTypes infer_reduce(Op op, const Attributes& attributes, InputTypes inputs) {
    const auto& reduced = std::get<ReducedAxes>(attributes);
    const auto& x = *inputs[0];
    if (op == Op::reduce_mean || op == Op::reduce_log_sum_exp) {
        BOOST_OUTCOME_TRYV(expect(x, ElementType::f32, "input"));
    }
    if (x.element == ElementType::boolean) return Error{GraphError::type_invalid, "input is bool"};
    std::int64_t previous = -1;
    for (const auto axis : reduced.axes) {
        BOOST_OUTCOME_TRYV(expect_axis(axis, x.shape));
        if (axis <= previous) return Error{GraphError::shape_invalid, "axes not ascending"};
        previous = axis;
    }
    Shape shape = kept_shape(x.shape, reduced.axes);
    if (!reduced.keep)
        for (auto i = reduced.axes.size(); i-- > 0;)
            shape.erase(shape.begin() + reduced.axes[i]);
    return one_output({x.element, std::move(shape)});
}

Result<void> compute_reduce(Op op, const Attributes& attributes, InputTensors inputs,
                            std::span<Tensor> outputs) {
    const auto& x = *inputs[0];
    const auto kept = kept_shape(x.shape(), std::get<ReducedAxes>(attributes).axes);
    if (x.element() == ElementType::f32)
        reduce_floats(op, x, kept, outputs[0].f32());
    else
        reduce_integers(op, x, kept, outputs[0].i64());
    return success();
}

OutputTypes infer_arg(Op, const Attributes& attributes, InputTypes inputs) {
    const auto& arg = std::get<ArgAttributes>(attributes);
    BOOST_OUTCOME_TRYV(expect_axis(arg.axis, inputs[0]->shape));
    if (inputs[0]->element == ElementType::boolean) return Error{GraphError::type_invalid, "input is bool"};
    Shape shape = inputs[0]->shape;
    if (shape[static_cast<std::size_t>(arg.axis)] == 0)
        return Error{GraphError::shape_invalid, "no element on the axis"};
    if (arg.keep)
        shape[static_cast<std::size_t>(arg.axis)] = 1;
    else
        shape.erase(shape.begin() + arg.axis);
    return one_output({ElementType::i64, std::move(shape)});
}

Result<void> compute_arg(Op op, const Attributes& attributes, InputTensors inputs,
                         std::span<Tensor> outputs) {
    const auto& arg = std::get<ArgAttributes>(attributes);
    if (inputs[0]->element() == ElementType::f32)
        arg_extremum<float>(op, arg, *inputs[0], outputs[0].i64());
    else
        arg_extremum<std::int64_t>(op, arg, *inputs[0], outputs[0].i64());
    return success();
}

OutputTypes infer_cum_sum(Op, const Attributes& attributes, InputTypes inputs) {
    BOOST_OUTCOME_TRYV(expect_axis(std::get<CumulativeAttributes>(attributes).axis, inputs[0]->shape));
    if (inputs[0]->element == ElementType::boolean) return Error{GraphError::type_invalid, "input is bool"};
    return one_output(*inputs[0]);
}

Result<void> compute_cum_sum(Op, const Attributes& attributes, InputTensors inputs,
                             std::span<Tensor> outputs) {
    const auto& cumulative = std::get<CumulativeAttributes>(attributes);
    const auto& shape = inputs[0]->shape();
    const auto axis = static_cast<std::size_t>(cumulative.axis);
    const auto outer = product(shape, 0, axis);
    const auto length = shape[axis];
    const auto inner = product(shape, axis + 1, shape.size());
    const auto run = [&](auto type, auto zero) {
        using T = decltype(type);
        using Sum = decltype(zero);
        const auto x = elements<T>(*inputs[0]);
        const auto y = elements<T>(outputs[0]);
        for (std::int64_t o = 0; o < outer; ++o)
            for (std::int64_t i = 0; i < inner; ++i) {
                Sum sum = zero;
                for (std::int64_t step = 0; step < length; ++step) {
                    const auto j = cumulative.reverse ? length - 1 - step : step;
                    const auto at = (o * length + j) * inner + i;
                    const auto next = static_cast<Sum>(sum + static_cast<Sum>(x[at]));
                    y[at] = static_cast<T>(cumulative.exclusive ? sum : next);
                    sum = next;
                }
            }
    };
    if (inputs[0]->element() == ElementType::f32)
        run(float{}, double{});
    else
        run(std::int64_t{}, std::uint64_t{});
    return success();
}

}  // namespace valence::ml::real
