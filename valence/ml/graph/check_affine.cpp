// Rules of the operations that multiply and add; see node_view.hpp.
#include <fmt/format.h>

#include "valence/ml/graph/limits.hpp"
#include "valence/ml/graph/node_view.hpp"
#include "valence/ml/graph/staged_image.hpp"

namespace valence::ml {
namespace {

constexpr auto kSmall = {WeightType::int8, WeightType::int16};

/// Types and ranges of the lists that go with a weight, of `list` shape, or any shape that broadcasts.
template <typename Operation>
Result<void> check_lists(const Operation& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.weight_type(op.weight, kSmall));
    if (node.weight(op.weight).type == WeightType::int8 && op.out.shift > kMaxShiftOfInt8)
        return invalid(fmt::format("shift {} above {} with 8-bit weights", op.out.shift, kMaxShiftOfInt8));
    if (op.bias) {
        BOOST_OUTCOME_TRY(node.weight_type(*op.bias, {WeightType::int64}));
        BOOST_OUTCOME_TRY(node.weight_within(*op.bias, -kMaxBias, kMaxBias));
    }
    if (op.channel) {
        BOOST_OUTCOME_TRY(node.weight_type(*op.channel, {WeightType::uint8}));
        BOOST_OUTCOME_TRY(node.weight_within(*op.channel, 0, kMaxChannelExponent));
    }
    return success();
}

/// 2^e[n]·(Σ weight[n]·x + bias[n]) over all rows n of the weight, for x in `input`.
template <typename Operation>
Result<void> check_channels(const Operation& op, const NodeView& node, std::uint32_t channels) {
    BOOST_OUTCOME_TRY(check_lists(op, node));
    if (op.bias) {
        BOOST_OUTCOME_TRY(node.weight_is(*op.bias, {WeightType::int64}, {channels}));
    }
    if (op.channel) {
        BOOST_OUTCOME_TRY(node.weight_is(*op.channel, {WeightType::uint8}, {channels}));
    }
    if (!node.weighed()) return node.requantises({}, op.out);
    BOOST_OUTCOME_TRY(node.facts.charge(channels));
    const Range x = node.range(0).with_zero();
    const auto& rows = node.facts.rows(op.weight);
    Range all;
    for (std::uint32_t n = 0; n < channels; ++n) {
        Range sum = x * Int128{rows[n].positive} + x * Int128{rows[n].negative};
        if (op.bias) sum = sum + Range{node.weight(*op.bias)[n], node.weight(*op.bias)[n]}.with_zero();
        if (op.channel) sum = sum * (Int128{1} << node.weight(*op.channel)[n]);
        all = all.united(sum);
    }
    return node.requantises(all, op.out);
}

Result<void> check_window(const Window& window) {
    for (std::size_t axis = 0; axis < 2; ++axis) {
        const std::uint32_t largest = std::max({window.size[axis], window.stride[axis], window.dilation[axis],
                                                window.before[axis], window.after[axis]});
        if (largest > kMaxWindow) return invalid(fmt::format("window of {}, above {}", largest, kMaxWindow));
        if (window.size[axis] == 0 || window.stride[axis] == 0 || window.dilation[axis] == 0)
            return invalid("window with a size, stride or dilation of 0");
    }
    return success();
}

/// How many rows or columns a window spans.
std::uint64_t reach(const Window& window, std::size_t axis) {
    return std::uint64_t{window.size[axis] - 1} * window.dilation[axis] + 1;
}

/// That the image with its padding is one that can be held.
template <typename Operation>
Result<void> check_image(const Operation& op, const NodeView& node) {
    const Shape& in = node.input(0).shape;
    const ImageExtents image = staged_image(op, in, node.output().shape);
    if (staged_elements(image, in) > kMaxElements)
        return Error{ModelError::too_large,
                     fmt::format("{} by {} pixels with their padding", image[0], image[1])};
    return success();
}

/// The shape a window over `in` gives, with `channels` channels.
Result<Shape> window_shape(const Shape& in, const Window& window, std::uint32_t channels) {
    BOOST_OUTCOME_TRY(check_window(window));
    Shape out{in[0], channels, 0, 0};
    for (std::size_t axis = 0; axis < 2; ++axis) {
        const std::uint64_t padded = std::uint64_t{in[2 + axis]} + window.before[axis] + window.after[axis];
        if (padded < reach(window, axis)) return invalid("window larger than the padded input");
        const std::uint64_t extent = (padded - reach(window, axis)) / window.stride[axis] + 1;
        if (extent > kMaxElements) return invalid("output too large");
        out[2 + axis] = static_cast<std::uint32_t>(extent);
    }
    return out;
}

Result<void> check_rank_4(const NodeView& node) {
    if (node.input(0).shape.rank() != 4) return invalid("input is not N×C×H×W");
    return success();
}

/// Groups and the weight's shape of a convolution; its output channels.
template <typename Operation>
Result<std::uint32_t> check_groups(const Operation& op, const NodeView& node) {
    const Shape& in = node.input(0).shape;
    const Shape& weight = node.weight(op.weight).shape;
    if (weight.rank() != 4) return invalid("weight is not O×C×H×W");
    if (op.groups == 0 || in[1] % op.groups != 0 || weight[0] % op.groups != 0)
        return invalid(fmt::format("{} groups do not divide the channels", op.groups));
    BOOST_OUTCOME_TRY(node.weight_is(op.weight, kSmall,
                                     {weight[0], in[1] / op.groups, op.window.size[0], op.window.size[1]}));
    return weight[0];
}

Result<void> check_pool(const Window& window, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.activations(1));
    BOOST_OUTCOME_TRY(check_rank_4(node));
    BOOST_OUTCOME_TRY(const Shape shape, window_shape(node.input(0).shape, window, node.input(0).shape[1]));
    return node.output_is(ElementType::activation, shape);
}

}  // namespace

Result<void> check(const Linear& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.activations(1));
    Shape shape = node.input(0).shape;
    if (shape.rank() == 0) return invalid("input is a scalar");
    const Shape& weight = node.weight(op.weight).shape;
    if (weight.rank() != 2 || weight[1] != shape.back())
        return invalid(fmt::format("weight is {}, input {}", to_string(weight), to_string(shape)));
    shape[shape.rank() - 1] = weight[0];
    BOOST_OUTCOME_TRY(node.output_is(ElementType::activation, shape));
    return check_channels(op, node, weight[0]);
}

Result<void> check(const Convolution& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.activations(1));
    BOOST_OUTCOME_TRY(check_rank_4(node));
    BOOST_OUTCOME_TRY(const std::uint32_t channels, check_groups(op, node));
    BOOST_OUTCOME_TRY(const Shape shape, window_shape(node.input(0).shape, op.window, channels));
    BOOST_OUTCOME_TRY(node.output_is(ElementType::activation, shape));
    BOOST_OUTCOME_TRY(check_image(op, node));
    return check_channels(op, node, channels);
}

Result<void> check(const TransposedConvolution& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.activations(1));
    BOOST_OUTCOME_TRY(check_rank_4(node));
    BOOST_OUTCOME_TRY(const std::uint32_t channels, check_groups(op, node));
    BOOST_OUTCOME_TRY(check_window(op.window));
    const Shape& in = node.input(0).shape;
    Shape shape{in[0], channels, 0, 0};
    for (std::size_t axis = 0; axis < 2; ++axis) {
        if (op.extra[axis] > kMaxWindow) return invalid("too many rows or columns added");
        const std::uint64_t full = std::uint64_t{in[2 + axis] - 1} * op.window.stride[axis] +
                                   reach(op.window, axis) + op.extra[axis];
        const std::uint64_t cut = std::uint64_t{op.window.before[axis]} + op.window.after[axis];
        if (full <= cut || full - cut > kMaxElements) return invalid("output empty or too large");
        shape[2 + axis] = static_cast<std::uint32_t>(full - cut);
    }
    BOOST_OUTCOME_TRY(node.output_is(ElementType::activation, shape));
    BOOST_OUTCOME_TRY(check_image(op, node));
    return check_channels(op, node, channels);
}

Result<void> check(const MatrixProduct& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.activations(2));
    Shape shape = node.input(0).shape;
    const Shape& right = node.input(1).shape;
    const std::size_t rank = shape.rank();
    if (rank < 2 || right.rank() != rank) return invalid("inputs of different rank, or below 2");
    bool fits = shape[rank - 1] == right[rank - 2];
    for (std::size_t axis = 0; axis + 2 < rank; ++axis)
        fits = fits && shape[axis] == right[axis];
    if (!fits) return invalid(fmt::format("{} by {}", to_string(shape), to_string(right)));
    const Int128 inner = shape.back();
    shape[rank - 1] = right.back();
    BOOST_OUTCOME_TRY(node.output_is(ElementType::activation, shape));
    return node.requantises((node.range(0) * node.range(1)).with_zero() * inner, op.out);
}

Result<void> check(const Combination& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.activations(op.coefficients.size()));
    if (op.coefficients.empty()) return invalid("no inputs");
    std::vector<Shape> shapes;
    Range sum;
    for (std::size_t i = 0; i < op.coefficients.size(); ++i) {
        const Int128 coefficient = op.coefficients[i];
        if (coefficient < -kMaxCoefficient || coefficient > kMaxCoefficient)
            return invalid(fmt::format("coefficient {}", op.coefficients[i]));
        shapes.push_back(node.input(i).shape);
        sum = sum + node.range(i).with_zero() * coefficient;
    }
    BOOST_OUTCOME_TRY(const Shape shape, broadcast_shape(shapes));
    BOOST_OUTCOME_TRY(node.output_is(ElementType::activation, shape));
    if (op.bias) {
        BOOST_OUTCOME_TRY(node.weight_type(*op.bias, {WeightType::int64}));
        BOOST_OUTCOME_TRY(node.weight_within(*op.bias, -kMaxBias, kMaxBias));
        BOOST_OUTCOME_TRY(node.broadcasts(node.weight(*op.bias).shape, shape));
        if (node.weighed()) sum = sum + node.facts.range(*op.bias).with_zero();
    }
    return node.requantises(sum, op.out);
}

Result<void> check(const Product& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.activations(2));
    const Shape shapes[]{node.input(0).shape, node.input(1).shape};
    BOOST_OUTCOME_TRY(const Shape shape, broadcast_shape(shapes));
    BOOST_OUTCOME_TRY(node.output_is(ElementType::activation, shape));
    return node.requantises(node.range(0) * node.range(1), op.out);
}

Result<void> check(const Scaling& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.activations(1));
    const Shape& shape = node.input(0).shape;
    BOOST_OUTCOME_TRY(node.output_is(ElementType::activation, shape));
    BOOST_OUTCOME_TRY(check_lists(op, node));
    const Weight& weight = node.weight(op.weight);
    bool alike = true;  // so that elements of weight, bias and exponents go together
    BOOST_OUTCOME_TRY(node.broadcasts(weight.shape, shape));
    for (const auto& list : {op.bias, op.channel}) {
        if (!list) continue;
        BOOST_OUTCOME_TRY(node.broadcasts(node.weight(*list).shape, shape));
        alike = alike && node.weight(*list).shape == weight.shape;
    }
    if (!node.weighed()) return node.requantises({}, op.out);
    const Range x = node.range(0);
    const auto sum = [&](const Range& factor, const Range& bias, const Range& exponent) {
        return (x * factor + bias).with_zero() * (Int128{1} << static_cast<int>(exponent.high));
    };
    const Range zero;
    Range all;
    if (alike) {
        BOOST_OUTCOME_TRY(node.facts.charge(weight.shape.elements()));
        const auto element = [&](const std::optional<WeightId>& id, std::uint64_t k) {
            return id ? Range{node.weight(*id)[k], node.weight(*id)[k]} : Range{};
        };
        for (std::uint64_t k = 0; k < weight.shape.elements(); ++k)
            all = all.united(sum(element(op.weight, k), element(op.bias, k), element(op.channel, k)));
    } else {
        all = sum(node.facts.range(op.weight), op.bias ? node.facts.range(*op.bias) : zero,
                  op.channel ? node.facts.range(*op.channel) : zero);
    }
    return node.requantises(all, op.out);
}

Result<void> check(const Sum& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(node.activations(1));
    Shape shape = node.input(0).shape;
    BOOST_OUTCOME_TRY(node.axes(op.axes, shape));
    Int128 count = 1;
    for (const std::uint8_t axis : op.axes) {
        count *= shape[axis];
        shape[axis] = 1;
    }
    BOOST_OUTCOME_TRY(node.output_is(ElementType::activation, shape));
    if (op.multiplier < -kMaxCoefficient || op.multiplier > kMaxCoefficient)
        return invalid(fmt::format("multiplier {}", op.multiplier));
    return node.requantises(node.range(0).with_zero() * count * Int128{op.multiplier}, op.out);
}

Result<void> check(const AveragePool& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(check_pool(op.window, node));
    const Shape& shape = node.output().shape;
    Range multiplier{op.multiplier, op.multiplier};
    if (op.multiplier_table) {
        if (op.multiplier != 1) return invalid("a multiplier beside a table of them");
        BOOST_OUTCOME_TRY(node.weight_is(*op.multiplier_table, {WeightType::int64}, {shape[2], shape[3]}));
        if (node.weighed()) multiplier = node.facts.range(*op.multiplier_table);
    }
    if (multiplier.low < -kMaxCoefficient || multiplier.high > kMaxCoefficient)
        return invalid("a multiplier above 2^24");
    // No more elements than the input has count, however large the window.
    const Int128 taps = Int128{std::min(op.window.size[0], node.input(0).shape[2])} *
                        std::min(op.window.size[1], node.input(0).shape[3]);
    return node.requantises((node.range(0).with_zero() * taps) * multiplier.with_zero(), op.out);
}

Result<void> check(const MaxPool& op, const NodeView& node) {
    BOOST_OUTCOME_TRY(check_pool(op.window, node));
    node.results[0] = {INT16_MIN, node.range(0).high};
    return success();
}

}  // namespace valence::ml
