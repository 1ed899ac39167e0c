#include "valence/ml/quantise/builder.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "valence/ml/quantise/quantise.hpp"

namespace valence::ml {
namespace {

constexpr std::int64_t kMaxCoefficient = std::int64_t{1} << 24;
constexpr std::int64_t kMaxBias = std::int64_t{1} << 40;
constexpr std::int64_t kMaxActivation = 32767;

/// The largest exponent at which |value| stays within 2^bits.
int exponent_within(double value, int bits) {
    if (value == 0) return 1000;
    int exponent = 0;
    const double mantissa = std::frexp(value, &exponent);
    return bits - exponent + (std::abs(mantissa) == 0.5 ? 1 : 0);
}

double reach_of(std::span<const double> values) {
    double reach = 0;
    for (const double value : values)
        reach = std::max(reach, std::abs(value));
    return reach;
}

}  // namespace

TensorId Builder::add_tensor(ElementType type, const Shape& shape, int exponent) {
    subgraph_.tensors.push_back({type, shape, static_cast<std::int8_t>(exponent)});
    return static_cast<TensorId>(subgraph_.tensors.size() - 1);
}

WeightId Builder::add_weight(WeightType type, const Shape& shape, std::span<const std::int64_t> values) {
    Weight weight{type, shape, {}};
    const std::size_t size = width(type);
    weight.data.reserve(values.size() * size);
    for (const std::int64_t value : values)
        for (std::size_t k = 0; k < size; ++k)
            weight.data.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * k)));
    graph_.weights.push_back(std::move(weight));
    return static_cast<WeightId>(graph_.weights.size() - 1);
}

Place Builder::emit(Operation operation, std::vector<TensorId> inputs, const Shape& shape, int exponent,
                    ElementType type) {
    const TensorId output = add_tensor(type, shape, exponent);
    subgraph_.nodes.push_back({std::move(operation), std::move(inputs), {output}, name_});
    return {output, exponent, {}};
}

void Builder::emit_many(Operation operation, std::vector<TensorId> inputs, std::vector<TensorId> outputs) {
    subgraph_.nodes.push_back({std::move(operation), std::move(inputs), std::move(outputs), name_});
}

Requantisation Builder::requantisation(int shift, int exponent, Clamp clamp) const {
    const auto bound = [&](double value) {
        return static_cast<std::int16_t>(
            std::clamp(std::nearbyint(std::ldexp(value, exponent)), -32768.0, 32767.0));
    };
    return {static_cast<std::uint8_t>(shift), bound(clamp.low), bound(clamp.high)};
}

Place Builder::combine(std::span<const Place> inputs, std::span<const double> coefficients,
                       const RealTensor* bias, const Shape& shape, int exponent, Clamp clamp) {
    // Coefficients in units of the inputs' integers; `common` is the exponent of the accumulator.
    std::vector<double> ratios;
    int common = exponent + kMaxShift;
    for (std::size_t k = 0; k < inputs.size(); ++k) {
        ratios.push_back(std::ldexp(coefficients[k], -inputs[k].exponent));
        common = std::min(common, exponent_within(ratios.back(), 24));
    }
    if (bias != nullptr) common = std::min(common, exponent_within(reach_of(bias->values), 39));
    // The accumulator stays within 2^(30 + shift) whatever the inputs are.
    double gain = bias != nullptr ? reach_of(bias->values) : 0;
    for (const double ratio : ratios)
        gain += std::abs(ratio) * 32768;
    exponent = std::min({exponent, common, exponent_within(gain, 29)});
    std::vector<std::int64_t> integers;
    for (const double ratio : ratios)
        integers.push_back(to_integer(ratio, common, kMaxCoefficient));
    int shift = common - exponent;
    const auto even = [](std::int64_t c) { return c % 2 == 0; };
    while (bias == nullptr && shift > 0 && std::all_of(integers.begin(), integers.end(), even)) {
        for (std::int64_t& integer : integers)
            integer /= 2;
        --shift;
    }
    Combination combination;
    for (const std::int64_t integer : integers)
        combination.coefficients.push_back(static_cast<std::int32_t>(integer));
    if (bias != nullptr) {
        std::vector<std::int64_t> values;
        for (const double value : bias->values)
            values.push_back(to_integer(value, common, kMaxBias));
        combination.bias = add_weight(WeightType::int64, bias->shape, values);
    }
    combination.out = requantisation(shift, exponent, clamp);
    std::vector<TensorId> tensors;
    for (const Place& input : inputs)
        tensors.push_back(input.tensor);
    return emit(std::move(combination), std::move(tensors), shape, exponent);
}

Place Builder::rescale(const Place& x, int exponent, Clamp clamp) {
    if (!x.features.empty()) return scale(x, {{}, {1.0}}, nullptr, exponent);
    if (x.exponent == exponent && clamp.low == kUnclamped.low && clamp.high == kUnclamped.high) return x;
    const double one = 1;
    return combine({&x, 1}, {&one, 1}, nullptr, shape(x), exponent, clamp);
}

Place Builder::multiply(const Place& x, const Place& z, const Shape& shape, int exponent) {
    Place left = x;
    const int excess = x.exponent + z.exponent - exponent - kMaxShift;
    if (excess > 0) left = rescale(x, x.exponent - excess);
    exponent = std::min(exponent, left.exponent + z.exponent);
    Product product;
    product.out = requantisation(left.exponent + z.exponent - exponent, exponent, kUnclamped);
    return emit(product, {left.tensor, z.tensor}, shape, exponent);
}

Place Builder::scale(const Place& x, const RealTensor& scale, const RealTensor* bias, int exponent) {
    const bool uniform = x.features.empty() && scale.values.size() == 1;
    if (uniform) return combine({&x, 1}, scale.values, bias, shape(x), exponent);
    // One weight for every element that scale, bias or features tell apart: broadcast all to one shape.
    Shape weight_shape = scale.shape;
    const Shape& full = shape(x);
    const auto widen = [&](const Shape& other) {
        std::vector<std::uint32_t> extents(std::max(weight_shape.rank(), other.rank()), 1);
        for (std::size_t k = 0; k < extents.size(); ++k) {
            const auto from_end = [&](const Shape& s) { return k < s.rank() ? s[s.rank() - 1 - k] : 1u; };
            extents[extents.size() - 1 - k] = std::max(from_end(weight_shape), from_end(other));
        }
        weight_shape = Shape(extents);
    };
    if (bias != nullptr) widen(bias->shape);
    if (!x.features.empty()) widen(Shape{full.back()});
    const auto count = static_cast<std::size_t>(weight_shape.elements());
    const auto read = [&](const RealTensor& tensor, std::size_t position) {
        std::size_t offset = 0;
        std::size_t stride = 1;
        for (std::size_t k = 0; k < weight_shape.rank(); ++k) {
            const std::uint32_t extent = weight_shape[weight_shape.rank() - 1 - k];
            const std::size_t place = position % extent;
            position /= extent;
            if (k >= tensor.shape.rank()) continue;
            const std::uint32_t own = tensor.shape[tensor.shape.rank() - 1 - k];
            offset += (own == 1 ? 0 : place) * stride;
            stride *= own;
        }
        return tensor.values[offset];
    };
    std::vector<double> rows(count);
    std::vector<double> offsets(bias != nullptr ? count : 0);
    for (std::size_t k = 0; k < count; ++k) {
        const int in = x.features.empty() ? x.exponent : x.features[k % x.features.size()];
        rows[k] = std::ldexp(read(scale, k), -in);
        if (bias != nullptr) offsets[k] = read(*bias, k);
    }
    const Result<Layer> integers = layer(rows, offsets, weight_shape, weight_shape, 16, exponent);
    VALENCE_CHECK(integers.has_value());  // rows of one 16-bit weight never exceed the bound
    const Layer& made = integers.value();
    Scaling scaling;
    scaling.weight = made.weight;
    scaling.bias = made.bias;
    scaling.channel = made.channel;
    scaling.out = requantisation(made.shift, made.exponent, kUnclamped);
    return emit(scaling, {x.tensor}, full, made.exponent);
}

Place Builder::sum(const Place& x, std::vector<std::uint8_t> axes, double factor, int exponent) {
    Shape reduced = shape(x);
    std::uint64_t count = 1;
    for (const std::uint8_t axis : axes) {
        count *= reduced[axis];
        reduced[axis] = 1;
    }
    const int bits = std::clamp(30 - static_cast<int>(std::bit_width(count)), 8, 24);
    // The accumulator stays within 2^(30 + shift) whatever the input is.
    exponent = std::min(exponent, x.exponent + exponent_within(factor * static_cast<double>(count), 14));
    const Ratio ratio = to_ratio(std::ldexp(factor, exponent - x.exponent), bits);
    Sum sum;
    sum.axes = std::move(axes);
    sum.multiplier = ratio.multiplier;
    sum.out = requantisation(ratio.shift, exponent, kUnclamped);
    return emit(sum, {x.tensor}, reduced, exponent);
}

Place Builder::lookup(const Place& x, Function function, int exponent, double a, double b) {
    // Tables know exponents up to 32 either way.
    const Place argument = rescale(x, std::clamp(x.exponent, -32, 32));
    exponent = std::clamp(exponent, -32, 32);
    const Table table{function, static_cast<std::int8_t>(argument.exponent),
                      static_cast<std::int8_t>(exponent),
                      static_cast<std::int32_t>(to_integer(a, 20, 2147483647)),
                      static_cast<std::int32_t>(to_integer(b, 20, 2147483647))};
    return emit(Lookup{table}, {argument.tensor}, shape(x), exponent);
}

Place Builder::reshape(const Place& x, const Shape& target) {
    if (shape(x) == target) return x;
    return emit(Reshape{}, {x.tensor}, target, x.exponent, type(x));
}

Place Builder::transpose(const Place& x, std::vector<std::uint8_t> permutation) {
    Shape target = shape(x);
    bool moves = false;
    for (std::size_t k = 0; k < permutation.size(); ++k) {
        target[k] = shape(x)[permutation[k]];
        moves = moves || permutation[k] != k;
    }
    if (!moves) return x;
    return emit(Transpose{std::move(permutation)}, {x.tensor}, target, x.exponent, type(x));
}

Place Builder::slice(const Place& x, std::size_t axis, std::uint32_t start, std::uint32_t count) {
    Shape target = shape(x);
    Slice slice;
    slice.start.assign(target.rank(), 0);
    slice.step.assign(target.rank(), 1);
    slice.start[axis] = start;
    target[axis] = count;
    return emit(std::move(slice), {x.tensor}, target, x.exponent, type(x));
}

Place Builder::broadcast(const Place& x, const Shape& target) {
    if (shape(x) == target) return x;
    return emit(Broadcast{}, {x.tensor}, target, x.exponent, type(x));
}

Place Builder::constant(const RealTensor& value, int exponent) {
    std::vector<std::int64_t> integers;
    for (const double element : value.values)
        integers.push_back(std::max<std::int64_t>(to_integer(element, exponent, kMaxActivation + 1), -32768));
    for (std::int64_t& integer : integers)
        integer = std::min(integer, kMaxActivation);
    const WeightId id = add_weight(WeightType::int16, value.shape, integers);
    return emit(Constant{id}, {}, value.shape, exponent);
}

Result<Builder::Layer> Builder::layer(std::span<const double> rows, std::span<const double> bias,
                                      const Shape& weight_shape, const Shape& channel_shape, int bits,
                                      int exponent) {
    const auto channels = static_cast<std::size_t>(channel_shape.elements());
    const int most_shift = bits == 8 ? kMaxShift8 : kMaxShift;
    const std::size_t row_width = channels == 0 ? 0 : rows.size() / channels;
    int largest = exponent + most_shift;
    for (int attempt = 0; attempt < 200; ++attempt) {
        const QuantisedRows quantised = quantise_rows(rows, channels, bits, largest);
        const int shift = std::max(0, quantised.exponent - exponent);
        const double limit = std::ldexp(1.0, 30 + shift);
        bool fits = true;
        for (std::size_t row = 0; row < channels && fits; ++row) {
            double reach = 0;
            for (std::size_t k = 0; k < row_width; ++k)
                reach += std::abs(static_cast<double>(quantised.integers[row * row_width + k])) * 32768.0;
            if (!bias.empty()) {
                const double b = std::abs(std::ldexp(bias[row], quantised.exponent - quantised.channel[row]));
                fits = b < static_cast<double>(kMaxBias);
                reach += b + 1;
            }
            fits = fits && std::ldexp(reach, quantised.channel[row]) + std::ldexp(1.0, shift) < limit;
        }
        if (!fits) {
            // With a shift left there are digits to give up; without one the result must be coarser.
            if (shift == 0)
                --exponent;
            else
                largest = quantised.exponent - 1;
            continue;
        }
        Layer result{};
        result.exponent = std::min(exponent, quantised.exponent);
        result.shift = static_cast<std::uint8_t>(shift);
        const std::vector<std::int64_t> integers(quantised.integers.begin(), quantised.integers.end());
        result.weight = add_weight(bits == 8 ? WeightType::int8 : WeightType::int16, weight_shape, integers);
        if (std::any_of(quantised.channel.begin(), quantised.channel.end(), [](auto e) { return e != 0; })) {
            const std::vector<std::int64_t> exponents(quantised.channel.begin(), quantised.channel.end());
            result.channel = add_weight(WeightType::uint8, channel_shape, exponents);
        }
        if (!bias.empty()) {
            std::vector<std::int64_t> biases;
            for (std::size_t row = 0; row < channels; ++row)
                biases.push_back(
                    to_integer(bias[row], quantised.exponent - quantised.channel[row], kMaxBias));
            result.bias = add_weight(WeightType::int64, channel_shape, biases);
        }
        return result;
    }
    return Error{QuantiseError::accumulator, "weights and bias differ too much in size"};
}

}  // namespace valence::ml
