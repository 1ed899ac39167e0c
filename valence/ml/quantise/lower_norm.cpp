// Normalisations and softmaxes.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "valence/ml/quantise/lowering.hpp"

namespace valence::ml {
namespace {

/// `axis` moved to the end, and the way back.
struct Rotation {
    std::vector<std::uint8_t> there;
    std::vector<std::uint8_t> back;
};

Rotation axis_last(std::size_t rank, std::size_t axis) {
    Rotation rotation;
    for (std::size_t k = 0; k < rank; ++k)
        if (k != axis) rotation.there.push_back(static_cast<std::uint8_t>(k));
    rotation.there.push_back(static_cast<std::uint8_t>(axis));
    rotation.back.resize(rank);
    for (std::size_t k = 0; k < rank; ++k)
        rotation.back[rotation.there[k]] = static_cast<std::uint8_t>(k);
    return rotation;
}

/// Normalises the last axis of x.
Result<Place> normalise(Lowering& l, const Place& x, Norm norm, double epsilon) {
    const double n = l.builder.shape(x).back();
    if (n > 65536) return unsupported("over more than 65,536 elements");
    double scaled = norm == Norm::l2 ? epsilon : epsilon * n * n;
    scaled = std::ldexp(scaled, 2 * x.exponent);
    if (scaled >= 0x1p60) return unsupported("with an epsilon far above the values it is added to");
    Normalise operation;
    operation.norm = norm;
    operation.epsilon = static_cast<std::uint64_t>(std::llrint(scaled));
    // No element is further than √n standard deviations from the mean.
    const double reach = norm == Norm::l2 ? 1.0 : std::min(std::sqrt(n), 31.0);
    operation.out = static_cast<std::uint8_t>(std::clamp(exponent_for(reach, 1.0), 0, 15));
    return l.builder.emit(operation, {x.tensor}, l.builder.shape(x), operation.out);
}

Result<Place> apply_scale(Lowering& l, const Place& x, real::ValueId scale, real::ValueId bias,
                          const Shape& shape, int exponent) {
    RealTensor factor{{}, {1.0}};
    RealTensor offset;
    for (const real::ValueId id : {scale, bias})
        if (id >= 0 && !l.source.is_constant(id))
            return unsupported("with a scale or bias that is not constant");
    if (scale >= 0) factor = {shape, l.constant(scale).values};
    if (bias >= 0) offset = {shape, l.constant(bias).values};
    if (scale < 0 && bias < 0) return l.builder.rescale(x, exponent);
    return l.builder.scale(x, factor, bias >= 0 ? &offset : nullptr, exponent);
}

Result<void> lower_layer_norm(Lowering& l, const real::Node& node) {
    const auto& attributes = node.get<real::NormAttributes>();
    const Shape shape = l.shape(node.inputs[0]);
    const auto axis = static_cast<std::size_t>(attributes.axis);
    const auto width = static_cast<std::uint32_t>(shape.product(axis, shape.rank()));
    const auto height = static_cast<std::uint32_t>(shape.product(0, axis));
    const Place x = l.builder.reshape(l.at(node.inputs[0]), {height, width});
    const Norm norm = node.op == real::Op::rms_norm ? Norm::rms : Norm::layer;
    BOOST_OUTCOME_TRY(const Place normal, normalise(l, x, norm, attributes.epsilon));
    BOOST_OUTCOME_TRY(const Place y, apply_scale(l, normal, node.input(1), node.input(2), {width},
                                                 l.wanted(node.outputs[0])));
    l.put(node, l.builder.reshape(y, shape));
    return success();
}

Result<void> lower_group_norm(Lowering& l, const real::Node& node) {
    const auto& attributes = node.get<real::NormAttributes>();
    const Shape shape = l.shape(node.inputs[0]);
    const std::uint32_t channels = shape[1];
    const auto groups = static_cast<std::uint32_t>(attributes.groups);
    const auto pixels = static_cast<std::uint32_t>(shape.product(2, shape.rank()));
    const Place x = l.builder.reshape(l.at(node.inputs[0]), {shape[0] * groups, channels / groups * pixels});
    BOOST_OUTCOME_TRY(const Place normal, normalise(l, x, Norm::layer, attributes.epsilon));
    const Place by_channel = l.builder.reshape(normal, {shape[0], channels, pixels});
    BOOST_OUTCOME_TRY(const Place y, apply_scale(l, by_channel, node.input(1), node.input(2), {channels, 1},
                                                 l.wanted(node.outputs[0])));
    l.put(node, l.builder.reshape(y, shape));
    return success();
}

/// What import did not fold into a layer before it: scale and bias by channel.
Result<void> lower_batch_norm(Lowering& l, const real::Node& node) {
    for (std::size_t input = 1; input < 5; ++input)
        if (!l.source.is_constant(node.inputs[input]))
            return unsupported("with a scale, bias, mean or variance that is not constant");
    const double epsilon = node.get<real::NormAttributes>().epsilon;
    const Shape shape = l.shape(node.inputs[0]);
    const std::vector<double> scale = l.constant(node.inputs[1]).values;
    const std::vector<double> bias = l.constant(node.inputs[2]).values;
    const std::vector<double> mean = l.constant(node.inputs[3]).values;
    const std::vector<double> variance = l.constant(node.inputs[4]).values;
    Shape by_channel{shape[1]};
    if (shape.rank() > 2) by_channel = {shape[1], 1};
    RealTensor factor{by_channel, {}};
    RealTensor offset{by_channel, {}};
    for (std::size_t c = 0; c < scale.size(); ++c) {
        const double f = scale[c] / std::sqrt(variance[c] + epsilon);
        factor.values.push_back(f);
        offset.values.push_back(bias[c] - mean[c] * f);
    }
    // What is the same for every channel is a number.
    const auto one_value = [](RealTensor& tensor) {
        const double value = tensor.values[0];
        if (std::any_of(tensor.values.begin(), tensor.values.end(), [&](double v) { return v != value; }))
            return;
        tensor = {{}, {value}};
    };
    one_value(factor);
    one_value(offset);
    Place x = shape.rank() == 2 ? l.raw(node.inputs[0]) : l.at(node.inputs[0]);
    if (shape.rank() > 2)
        x = l.builder.reshape(
            x, {shape[0], shape[1], static_cast<std::uint32_t>(shape.product(2, shape.rank()))});
    const Place y = l.builder.scale(x, factor, &offset, l.wanted(node.outputs[0]));
    l.put(node, l.builder.reshape(y, shape));
    return success();
}

Result<void> lower_softmax(Lowering& l, const real::Node& node) {
    const auto axis = static_cast<std::size_t>(node.get<real::Axis>().axis);
    const Rotation rotation = axis_last(l.shape(node.inputs[0]).rank(), axis);
    Place x = l.builder.transpose(l.at(node.inputs[0]), rotation.there);
    x = l.builder.rescale(x, std::clamp(x.exponent, -32, 32));
    const Shape shape = l.builder.shape(x);
    if (node.op == real::Op::softmax) {
        const Place y = l.builder.emit(Softmax{static_cast<std::int8_t>(x.exponent)}, {x.tensor}, shape, 15);
        l.put(node, l.builder.transpose(y, rotation.back));
        return success();
    }
    const auto last = static_cast<std::uint8_t>(shape.rank() - 1);
    Shape reduced = shape;
    reduced[last] = 1;
    if (node.op == real::Op::hardmax) {
        // 1 at the first greatest element: its place compared with every place.
        const Place place =
            l.builder.emit(ArgExtremum{Extremum::maximum, last}, {x.tensor}, reduced, 0, ElementType::index);
        std::vector<std::int64_t> count(shape.back());
        std::iota(count.begin(), count.end(), 0);
        const WeightId weight = l.builder.add_weight(WeightType::int32, {shape.back()}, count);
        const Place places = l.builder.emit(Constant{weight}, {}, {shape.back()}, 0, ElementType::index);
        const Place y = l.builder.emit(Comparison{Relation::equal}, {place.tensor, places.tensor}, shape, 0);
        l.put(node, l.builder.transpose(y, rotation.back));
        return success();
    }
    // x − m − ln Σ e^(x − m)
    const double signs[] = {1.0, -1.0};
    const Place greatest =
        l.builder.emit(ReduceExtremum{Extremum::maximum, {last}}, {x.tensor}, reduced, x.exponent);
    const Place both[] = {x, greatest};
    // As in Softmax: at exponent 11 the exponential's knots are close, and what lies beyond −16 is nothing.
    const Place shifted = l.builder.combine(both, signs, nullptr, shape, kExponentialArgument);
    const Place powers = l.builder.lookup(shifted, Function::exponential, 14);
    const double n = shape.back();
    const Place total = l.builder.sum(powers, {last}, 1, exponent_for(n, 1.0));
    const Place logarithm = l.builder.lookup(total, Function::logarithm, exponent_for(std::log(n) + 1, 1.0));
    const Place parts[] = {x, greatest, logarithm};
    const double away[] = {1.0, -1.0, -1.0};
    const Place y = l.builder.combine(parts, away, nullptr, shape, l.wanted(node.outputs[0]));
    l.put(node, l.builder.transpose(y, rotation.back));
    return success();
}

/// x·(bias + alpha/size·Σ x²)^−beta, the sum over a band of channels: squares, a banded Linear layer, a
/// power.
Result<void> lower_lrn(Lowering& l, const real::Node& node) {
    const auto& attributes = node.get<real::LrnAttributes>();
    const Shape shape = l.shape(node.inputs[0]);
    const std::uint32_t channels = shape[1];
    const Rotation rotation = axis_last(shape.rank(), 1);
    const Place x = l.builder.transpose(l.at(node.inputs[0]), rotation.there);
    const Shape moved = l.builder.shape(x);
    const double reach = l.ranges.values[static_cast<std::size_t>(node.inputs[0])].reach();
    const Place squares = l.builder.multiply(x, x, moved, exponent_for(reach * reach, l.options.headroom));
    const double share = static_cast<double>(attributes.alpha) / static_cast<double>(attributes.size);
    std::vector<double> rows(std::size_t{channels} * channels);
    const std::int64_t below = (attributes.size - 1) / 2;
    const std::int64_t above = attributes.size - 1 - below;
    for (std::int64_t c = 0; c < channels; ++c)
        for (std::int64_t k = std::max<std::int64_t>(0, c - below);
             k <= std::min<std::int64_t>(channels - 1, c + above); ++k)
            rows[static_cast<std::size_t>(c * channels + k)] = std::ldexp(share, -squares.exponent);
    const std::vector<double> bias(channels, attributes.bias);
    const double most = attributes.bias + attributes.alpha * reach * reach;
    BOOST_OUTCOME_TRY(const auto layer, l.builder.layer(rows, bias, {channels, channels}, {channels}, 16,
                                                        exponent_for(most, l.options.headroom)));
    const Linear linear{layer.weight, layer.bias, layer.channel,
                        l.builder.requantisation(layer.shift, layer.exponent, kUnclamped)};
    const Place sums = l.builder.emit(linear, {squares.tensor}, moved, layer.exponent);
    const double factor =
        std::pow(std::max<double>(attributes.bias, 1e-3), -static_cast<double>(attributes.beta));
    const Place power = l.builder.lookup(sums, Function::power, exponent_for(factor, 1.1), -attributes.beta);
    const Place y = l.builder.multiply(x, power, moved, l.wanted(node.outputs[0]));
    l.put(node, l.builder.transpose(y, rotation.back));
    return success();
}

}  // namespace

Result<void> lower_norm(Lowering& l, const real::Node& node) {
    switch (node.op) {
        case real::Op::layer_norm:
        case real::Op::rms_norm:
            return lower_layer_norm(l, node);
        case real::Op::group_norm:
            return lower_group_norm(l, node);
        case real::Op::batch_norm:
            return lower_batch_norm(l, node);
        case real::Op::lrn:
            return lower_lrn(l, node);
        default:
            return lower_softmax(l, node);
    }
}

}  // namespace valence::ml
