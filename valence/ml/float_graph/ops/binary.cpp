// Elementwise operators of two broadcast inputs, and Where.
#include <cmath>

#include "valence/ml/float_graph/ops/families.hpp"
#include "valence/ml/float_graph/ops/strided.hpp"
#include "valence/ml/float_graph/ops/typing.hpp"

namespace valence::ml::real {
namespace {

template <typename T, typename R, typename F>
void combine(const Tensor& a, const Tensor& b, Tensor& out, F f) {
    const auto x = elements<T>(a);
    const auto z = elements<T>(b);
    const auto y = elements<R>(out);
    const auto& shape = out.shape();
    for_each_run<3>(
        shape, {broadcast_strides(a.shape(), shape), broadcast_strides(b.shape(), shape), strides_of(shape)},
        [&](const auto& at, std::int64_t n, const auto& step) {
            const T* p = x.data() + at[0];
            const T* q = z.data() + at[1];
            R* r = y.data() + at[2];
            for (std::int64_t i = 0; i < n; ++i)
                r[i] = static_cast<R>(f(p[i * step[0]], q[i * step[1]]));
        });
}

bool is_comparison(Op op) { return op == Op::equal || op == Op::less || op == Op::less_or_equal; }
bool is_logical(Op op) { return op == Op::logical_and || op == Op::logical_or || op == Op::logical_xor; }

/// Python's remainder: of the divisor's sign.
double floor_mod(double a, double b) {
    const double r = std::fmod(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

void compute_floats(Op op, const Tensor& a, const Tensor& b, Tensor& out) {
    const auto run = [&](auto f) { combine<float, float>(a, b, out, f); };
    switch (op) {
        case Op::add:
            return run([](float x, float z) { return x + z; });
        case Op::sub:
            return run([](float x, float z) { return x - z; });
        case Op::mul:
            return run([](float x, float z) { return x * z; });
        case Op::div:
            return run([](float x, float z) { return x / z; });
        case Op::pow:
            return run(
                [](float x, float z) { return std::pow(static_cast<double>(x), static_cast<double>(z)); });
        case Op::min:
            return run([](float x, float z) { return x < z || std::isnan(x) ? x : z; });
        case Op::max:
            return run([](float x, float z) { return x > z || std::isnan(x) ? x : z; });
        case Op::mod:
            return run(
                [](float x, float z) { return floor_mod(static_cast<double>(x), static_cast<double>(z)); });
        case Op::fmod:
            return run([](float x, float z) { return std::fmod(x, z); });
        case Op::prelu:
            return run([](float x, float z) { return x < 0 ? x * z : x; });
        default:
            base::check_failed("a binary operator", __FILE__, __LINE__);
    }
}

/// Powers of integers by squaring, wrapping as multiplication does; with a negative exponent the quotient
/// toward zero.
std::int64_t integer_power(std::int64_t base, std::int64_t exponent) {
    if (exponent < 0) {
        if (base == 1) return 1;
        if (base == -1) return exponent % 2 == 0 ? 1 : -1;
        return 0;
    }
    std::uint64_t result = 1;
    auto factor = static_cast<std::uint64_t>(base);
    for (auto e = exponent; e != 0; e >>= 1) {
        if (e & 1) result *= factor;
        factor *= factor;
    }
    return static_cast<std::int64_t>(result);
}

Result<void> compute_integers(Op op, const Tensor& a, const Tensor& b, Tensor& out) {
    using I = std::int64_t;
    using U = std::uint64_t;
    const auto run = [&](auto f) {
        combine<I, I>(a, b, out, f);
        return success();
    };
    switch (op) {
        case Op::add:
            return run([](I x, I z) { return static_cast<U>(x) + static_cast<U>(z); });
        case Op::sub:
            return run([](I x, I z) { return static_cast<U>(x) - static_cast<U>(z); });
        case Op::mul:
            return run([](I x, I z) { return static_cast<U>(x) * static_cast<U>(z); });
        case Op::min:
            return run([](I x, I z) { return std::min(x, z); });
        case Op::max:
            return run([](I x, I z) { return std::max(x, z); });
        case Op::pow: {
            bool undefined = false;
            combine<I, I>(a, b, out, [&](I x, I z) {
                undefined |= x == 0 && z < 0;
                return integer_power(x, z);
            });
            if (undefined) return Error{GraphError::value_invalid, "0 to a negative power"};
            return success();
        }
        case Op::div:
        case Op::mod:
        case Op::fmod: {
            bool by_zero = false;
            combine<I, I>(a, b, out, [&](I x, I z) -> I {
                if (z == 0) {
                    by_zero = true;
                    return 0;
                }
                if (z == -1) return op == Op::div ? static_cast<I>(0 - static_cast<U>(x)) : 0;
                if (op == Op::div) return x / z;
                const I r = x % z;
                return op == Op::mod && r != 0 && (r < 0) != (z < 0) ? r + z : r;
            });
            if (by_zero) return Error{GraphError::value_invalid, "integer divided by zero"};
            return success();
        }
        default:
            base::check_failed("a binary operator of integers", __FILE__, __LINE__);
    }
    return success();
}

template <typename T>
void compare(Op op, const Tensor& a, const Tensor& b, Tensor& out) {
    if (op == Op::equal)
        combine<T, std::uint8_t>(a, b, out, [](T x, T z) { return x == z; });
    else if (op == Op::less)
        combine<T, std::uint8_t>(a, b, out, [](T x, T z) { return x < z; });
    else
        combine<T, std::uint8_t>(a, b, out, [](T x, T z) { return x <= z; });
}

}  // namespace

OutputTypes infer_binary(Op op, const Attributes&, InputTypes inputs) {
    const auto element = inputs[0]->element;
    BOOST_OUTCOME_TRYV(expect(*inputs[1], element, "second input"));
    const bool is_bool = element == ElementType::boolean;
    if (is_logical(op) != is_bool && op != Op::equal)
        return Error{GraphError::type_invalid, "inputs are " + std::string{name(element)}};
    if (op == Op::prelu) {
        BOOST_OUTCOME_TRYV(expect(*inputs[0], ElementType::f32, "input"));
    }
    BOOST_OUTCOME_TRY(auto shape, broadcast(inputs[0]->shape, inputs[1]->shape));
    return one_output({is_comparison(op) ? ElementType::boolean : element, std::move(shape)});
}

Result<void> compute_binary(Op op, const Attributes&, InputTensors inputs, std::span<Tensor> outputs) {
    const auto& a = *inputs[0];
    const auto& b = *inputs[1];
    auto& out = outputs[0];
    if (is_comparison(op)) {
        dispatch(a.element(), [&](auto type) { compare<decltype(type)>(op, a, b, out); });
        return success();
    }
    if (op == Op::logical_and)
        combine<std::uint8_t, std::uint8_t>(a, b, out, [](auto x, auto z) { return x & z; });
    else if (op == Op::logical_or)
        combine<std::uint8_t, std::uint8_t>(a, b, out, [](auto x, auto z) { return x | z; });
    else if (op == Op::logical_xor)
        combine<std::uint8_t, std::uint8_t>(a, b, out, [](auto x, auto z) { return x ^ z; });
    else if (a.element() == ElementType::i64)
        return compute_integers(op, a, b, out);
    else
        compute_floats(op, a, b, out);
    return success();
}

OutputTypes infer_where(Op, const Attributes&, InputTypes inputs) {
    BOOST_OUTCOME_TRYV(expect(*inputs[0], ElementType::boolean, "condition"));
    BOOST_OUTCOME_TRYV(expect(*inputs[2], inputs[1]->element, "third input"));
    BOOST_OUTCOME_TRY(const auto values, broadcast(inputs[1]->shape, inputs[2]->shape));
    BOOST_OUTCOME_TRY(auto shape, broadcast(inputs[0]->shape, values));
    return one_output({inputs[1]->element, std::move(shape)});
}

Result<void> compute_where(Op, const Attributes&, InputTensors inputs, std::span<Tensor> outputs) {
    const auto& shape = outputs[0].shape();
    const auto condition = inputs[0]->boolean();
    dispatch(outputs[0].element(), [&](auto type) {
        using T = decltype(type);
        const auto x = elements<T>(*inputs[1]);
        const auto z = elements<T>(*inputs[2]);
        const auto y = elements<T>(outputs[0]);
        for_each_run<4>(
            shape,
            {broadcast_strides(inputs[0]->shape(), shape), broadcast_strides(inputs[1]->shape(), shape),
             broadcast_strides(inputs[2]->shape(), shape), strides_of(shape)},
            [&](const auto& at, std::int64_t n, const auto& step) {
                for (std::int64_t i = 0; i < n; ++i)
                    y[at[3] + i * step[3]] =
                        condition[at[0] + i * step[0]] != 0 ? x[at[1] + i * step[1]] : z[at[2] + i * step[2]];
            });
    });
    return success();
}

}  // namespace valence::ml::real
