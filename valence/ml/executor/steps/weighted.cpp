// Combination and Scaling: sums of elements times constants.
#include "valence/ml/executor/requantise.hpp"
#include "valence/ml/executor/steps/elementwise.hpp"

namespace valence::ml::executor {
namespace {

using Sum64 = std::int64_t;

/// A constant array in the plan, read as the shape `to`.
template <typename T>
Source constant(Builder& builder, const T* values, const Shape& shape, const Shape& to) {
    return {builder.constant(reinterpret_cast<const std::byte*>(values)),
            broadcast_strides(shape, dense_strides(shape, Layout::row_major), to)};
}

/// The shape that two broadcast to.
Shape common_shape(const Shape& a, const Shape& b) {
    const Shape& longer = a.rank() >= b.rank() ? a : b;
    const Shape& shorter = a.rank() >= b.rank() ? b : a;
    Shape shape = longer;
    for (std::size_t axis = 0; axis < shorter.rank(); ++axis) {
        std::uint32_t& extent = shape[longer.rank() - shorter.rank() + axis];
        extent = std::max(extent, shorter[axis]);
    }
    return shape;
}

/// Any number of inputs, one after the other into 64-bit sums.
Result<void> plan_long_combination(Builder& builder, const Node& node, const Combination& operation) {
    const TensorId id = node.outputs[0];
    const View to = builder.define(id, builder.natural_layout(builder.tensor(id).shape, node.inputs));
    View sums = to;
    sums.buffer = builder.scratch(to.shape.elements() * sizeof(Sum64));
    const Source so_far{sums.buffer, sums.strides};
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
        const Source x = source(builder.view(node.inputs[k]), to.shape);
        const Sum64 c = operation.coefficients[k];
        if (k == 0)
            emit_elementwise<Sum64, std::int16_t>(builder, [c](std::int16_t v) { return c * v; }, sums, {x});
        else
            emit_elementwise<Sum64, Sum64, std::int16_t>(
                builder, [c](Sum64 sum, std::int16_t v) { return sum + c * v; }, sums, {so_far, x});
    }
    if (operation.bias) {
        const Shape& shape = builder.graph().weights[*operation.bias].shape;
        BOOST_OUTCOME_TRY(const auto* bias, builder.resources().expand<Sum64>(*operation.bias));
        emit_elementwise<Sum64, Sum64, Sum64>(builder, [](Sum64 sum, Sum64 b) { return sum + b; }, sums,
                                              {so_far, constant(builder, bias, shape, to.shape)});
    }
    emit_elementwise<std::int16_t, Sum64>(builder, Requantiser(operation.out), to, {so_far});
    return success();
}

}  // namespace

Result<void> plan_step(Builder& builder, const Node& node, const Combination& operation) {
    const TensorId id = node.outputs[0];
    builder.set_range(id, {operation.out.low, operation.out.high});
    const bool scalar_bias =
        !operation.bias || builder.graph().weights[*operation.bias].shape.elements() == 1;
    if (node.inputs.size() > 2 || !scalar_bias) return plan_long_combination(builder, node, operation);
    const Layout layout = builder.natural_layout(builder.tensor(id).shape, node.inputs);
    const Sum64 bias = operation.bias ? builder.graph().weights[*operation.bias][0] : 0;
    const Requantiser out(operation.out);
    const std::int32_t a = operation.coefficients[0];
    const View to = builder.define_over(id, layout, node.inputs[0], builder.view(node.inputs[0]));
    const Source x = source(builder.view(node.inputs[0]), to.shape);
    if (node.inputs.size() == 1) {
        emit_elementwise<std::int16_t, std::int16_t>(
            builder, [=](std::int16_t v) { return out(Sum64{a} * std::int32_t{v} + bias); }, to, {x});
        return success();
    }
    const std::int32_t b = operation.coefficients[1];
    emit_elementwise<std::int16_t, std::int16_t, std::int16_t>(
        builder,
        [=](std::int16_t v, std::int16_t w) {
            return out(Sum64{a} * std::int32_t{v} + Sum64{b} * std::int32_t{w} + bias);
        },
        to, {x, source(builder.view(node.inputs[1]), to.shape)});
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const Scaling& operation) {
    const auto& weights = builder.graph().weights;
    Shape shape = weights[operation.weight].shape;
    if (operation.bias) shape = common_shape(shape, weights[*operation.bias].shape);
    if (operation.channel) shape = common_shape(shape, weights[*operation.channel].shape);

    // 2^e goes into the constants: |weight|·2^15 < 2^31, |bias|·2^15 ≤ 2^55.
    const std::size_t count = shape.elements();
    Resources& resources = builder.resources();
    BOOST_OUTCOME_TRY(std::byte* const scale_data, resources.allocate(count * sizeof(std::int32_t)));
    BOOST_OUTCOME_TRY(std::byte* const bias_data, resources.allocate(count * sizeof(Sum64)));
    auto* scale = reinterpret_cast<std::int32_t*>(scale_data);
    auto* bias = reinterpret_cast<Sum64*>(bias_data);
    const auto places = [&](std::optional<WeightId> id) {
        if (!id) return Strides{};
        const Shape& own = weights[*id].shape;
        return broadcast_strides(own, dense_strides(own, Layout::row_major), shape);
    };
    const LoopNest<4> nest(shape, {dense_strides(shape, Layout::row_major), places(operation.weight),
                                   places(operation.bias), places(operation.channel)});
    nest.run(0, count, [&](const auto& offsets, std::size_t length) {
        for (std::size_t k = 0; k < length; ++k) {
            const auto at = [&](std::size_t array) {
                return static_cast<std::size_t>(offsets[array] +
                                                static_cast<std::ptrdiff_t>(k) * nest.inner()[array]);
            };
            const Sum64 power = Sum64{1} << (operation.channel ? weights[*operation.channel][at(3)] : 0);
            scale[at(0)] = static_cast<std::int32_t>(weights[operation.weight][at(1)] * power);
            bias[at(0)] = operation.bias ? weights[*operation.bias][at(2)] * power : 0;
        }
    });

    const TensorId id = node.outputs[0];
    const View x = builder.view(node.inputs[0]);
    const View to = builder.define_over(id, builder.natural_layout(x.shape, node.inputs), node.inputs[0], x);
    emit_elementwise<std::int16_t, std::int16_t, std::int32_t, Sum64>(
        builder,
        [out = Requantiser(operation.out)](std::int16_t v, std::int32_t w, Sum64 b) {
            return out(Sum64{w} * std::int32_t{v} + b);
        },
        to,
        {source(x, to.shape), constant(builder, scale, shape, to.shape),
         constant(builder, bias, shape, to.shape)});
    builder.set_range(id, {operation.out.low, operation.out.high});
    return success();
}

}  // namespace valence::ml::executor
