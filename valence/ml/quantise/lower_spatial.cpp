// Convolutions and poolings. The integer graph's are two-dimensional; one spatial axis becomes a height of 1.
#include <algorithm>
#include <bit>
#include <cmath>

#include "valence/ml/quantise/lowering.hpp"

namespace valence::ml {
namespace {

/// A window on one or two spatial axes as one on two.
Window window_of(const real::Window& from) {
    Window window;
    const std::size_t missing = 2 - from.kernel.size();
    for (std::size_t k = 0; k < from.kernel.size(); ++k) {
        const auto set = [&](std::array<std::uint32_t, 2>& to, const real::Shape& values,
                             std::int64_t otherwise) {
            to[k + missing] = static_cast<std::uint32_t>(values.empty() ? otherwise : values[k]);
        };
        set(window.size, from.kernel, 1);
        set(window.stride, from.strides, 1);
        set(window.dilation, from.dilations, 1);
        set(window.before, from.before, 0);
        set(window.after, from.after, 0);
    }
    return window;
}

/// [N, C, L] as [N, C, 1, L]; four axes as they are.
Shape two_dimensional(const Shape& shape) {
    if (shape.rank() == 4) return shape;
    return {shape[0], shape[1], 1, shape[2]};
}

/// Padding after an axis so that the window reaches its last output place and not one more.
std::uint32_t padding_after(const Window& window, std::size_t axis, std::uint32_t in, std::uint32_t out) {
    const std::int64_t needed = static_cast<std::int64_t>(out - 1) * window.stride[axis] +
                                static_cast<std::int64_t>(window.size[axis] - 1) * window.dilation[axis] + 1 -
                                window.before[axis] - in;
    return static_cast<std::uint32_t>(std::max<std::int64_t>(0, needed));
}

Result<void> check_axes(const real::Window& window) {
    if (window.kernel.size() > 2) return unsupported("over more than two spatial axes");
    return success();
}

std::vector<double> real_bias(const Lowering& l, real::ValueId id) {
    return id >= 0 ? l.constant(id).values : std::vector<double>{};
}

}  // namespace

Result<void> lower_convolution(Lowering& l, const real::Node& node) {
    const auto& attributes = node.get<real::Window>();
    BOOST_OUTCOME_TRY(check_axes(attributes));
    if (!l.source.is_constant(node.inputs[1]) || (node.input(2) >= 0 && !l.source.is_constant(node.input(2))))
        return unsupported("with weights that are not constant");
    const Place source = l.at(node.inputs[0]);
    const Shape in = two_dimensional(l.shape(node.inputs[0]));
    const Shape out = two_dimensional(l.shape(node.outputs[0]));
    const Place x = l.builder.reshape(source, in);
    RealTensor weight = l.constant(node.inputs[1]);
    Window window = window_of(attributes);
    const auto groups = static_cast<std::uint32_t>(attributes.groups);
    const std::uint32_t taps = window.size[0] * window.size[1];
    const Shape weight_shape{out[1], in[1] / groups, window.size[0], window.size[1]};

    if (node.op == real::Op::conv_transpose) {
        // [C, O/G, taps] → [O, C/G, taps]
        const std::uint32_t per_in = in[1] / groups;
        const std::uint32_t per_out = out[1] / groups;
        std::vector<double> rows(weight.values.size());
        for (std::uint32_t g = 0; g < groups; ++g)
            for (std::uint32_t c = 0; c < per_in; ++c)
                for (std::uint32_t o = 0; o < per_out; ++o)
                    for (std::uint32_t t = 0; t < taps; ++t)
                        rows[((g * per_out + o) * per_in + c) * taps + t] =
                            weight.values[((g * per_in + c) * per_out + o) * taps + t];
        weight.values = std::move(rows);
    }
    for (double& value : weight.values)
        value = std::ldexp(value, -x.exponent);
    BOOST_OUTCOME_TRY(const auto layer,
                      l.builder.layer(weight.values, real_bias(l, node.input(2)), weight_shape, Shape{out[1]},
                                      l.bits, l.wanted(node.outputs[0])));
    const Requantisation bounds = l.builder.requantisation(layer.shift, layer.exponent, kUnclamped);
    Place y;
    if (node.op == real::Op::conv) {
        for (std::size_t axis = 0; axis < 2; ++axis)
            window.after[axis] = padding_after(window, axis, in[2 + axis], out[2 + axis]);
        y = l.builder.emit(Convolution{layer.weight, layer.bias, layer.channel, window, groups, bounds},
                           {x.tensor}, out, layer.exponent);
    } else {
        TransposedConvolution operation{layer.weight, layer.bias, layer.channel, window,
                                        {0, 0},       groups,     bounds};
        for (std::size_t axis = 0; axis < 2; ++axis) {
            const std::int64_t full =
                static_cast<std::int64_t>(in[2 + axis] - 1) * window.stride[axis] +
                static_cast<std::int64_t>(window.size[axis] - 1) * window.dilation[axis] + 1;
            const std::int64_t over = static_cast<std::int64_t>(out[2 + axis]) + window.before[axis] - full;
            operation.window.after[axis] = static_cast<std::uint32_t>(std::max<std::int64_t>(0, -over));
            operation.extra[axis] = static_cast<std::uint32_t>(std::max<std::int64_t>(0, over));
        }
        y = l.builder.emit(operation, {x.tensor}, out, layer.exponent);
    }
    l.put(node, l.builder.reshape(y, l.shape(node.outputs[0])));
    return success();
}

Result<void> lower_pool(Lowering& l, const real::Node& node) {
    const auto& attributes = node.get<real::Window>();
    BOOST_OUTCOME_TRY(check_axes(attributes));
    const Shape in = two_dimensional(l.shape(node.inputs[0]));
    const Shape out = two_dimensional(l.shape(node.outputs[0]));
    const Place x = l.builder.reshape(l.at(node.inputs[0]), in);
    Window window = window_of(attributes);
    const std::array<std::uint32_t, 2> stated_after = window.after;
    for (std::size_t axis = 0; axis < 2; ++axis)
        window.after[axis] = padding_after(window, axis, in[2 + axis], out[2 + axis]);
    Place y;
    if (node.op == real::Op::max_pool) {
        y = l.builder.emit(MaxPool{window}, {x.tensor}, out, x.exponent);
    } else {
        // How many elements each output place divides by, along each axis.
        const auto counts = [&](std::size_t axis) {
            std::vector<double> result(out[2 + axis]);
            const std::int64_t extent = in[2 + axis];
            for (std::size_t place = 0; place < result.size(); ++place)
                for (std::uint32_t tap = 0; tap < window.size[axis]; ++tap) {
                    const std::int64_t row = static_cast<std::int64_t>(place) * window.stride[axis] +
                                             static_cast<std::int64_t>(tap) * window.dilation[axis] -
                                             window.before[axis];
                    const bool inside = row >= 0 && row < extent;
                    const bool padding = row < extent + stated_after[axis];
                    result[place] += inside || (attributes.count_padding && padding) ? 1 : 0;
                }
            return result;
        };
        const std::vector<double> rows = counts(0);
        const std::vector<double> columns = counts(1);
        std::vector<double> factors;
        double largest = 0;
        for (const double row : rows)
            for (const double column : columns) {
                factors.push_back(row * column > 0 ? 1 / (row * column) : 0);
                largest = std::max(largest, factors.back());
            }
        const int wanted = l.wanted(node.outputs[0]);
        // The window's area times 2^15 times the multiplier stays below 2^46.
        const int bits = std::clamp(
            30 - static_cast<int>(std::bit_width(std::uint64_t{window.size[0]} * window.size[1])), 8, 24);
        const Ratio ratio = to_ratio(std::ldexp(largest, wanted - x.exponent), bits);
        AveragePool pool;
        pool.window = window;
        pool.out = l.builder.requantisation(ratio.shift, wanted, kUnclamped);
        pool.multiplier = ratio.multiplier;
        if (std::any_of(factors.begin(), factors.end(), [&](double f) { return f != largest; })) {
            // The shift that suits the largest factor may be too short for the others: take all that fit.
            const double top = std::ldexp(largest, wanted - x.exponent);
            int shift = kMaxShift;
            while (shift > 0 && std::ldexp(top, shift) > std::ldexp(1.0, bits))
                --shift;
            std::vector<std::int64_t> table;
            for (const double factor : factors)
                table.push_back(
                    to_integer(std::ldexp(factor, wanted - x.exponent), shift, std::int64_t{1} << bits));
            pool.out = l.builder.requantisation(shift, wanted, kUnclamped);
            pool.multiplier = 1;
            pool.multiplier_table = l.builder.add_weight(WeightType::int64, Shape{out[2], out[3]}, table);
        }
        y = l.builder.emit(pool, {x.tensor}, out, wanted);
    }
    l.put(node, l.builder.reshape(y, l.shape(node.outputs[0])));
    return success();
}

}  // namespace valence::ml
