#include "valence/ml/testing/graph_builder.hpp"

#include <algorithm>
#include <bit>

namespace valence::ml::testing {

TensorId GraphBuilder::input(const Tensor& tensor) {
    const auto id = static_cast<TensorId>(part_.tensors.size());
    part_.tensors.push_back(tensor);
    part_.inputs.push_back(id);
    return id;
}

TensorId GraphBuilder::constant(const Tensor& tensor) {
    const bool index = tensor.type == ElementType::index;
    const WeightType type = index ? WeightType::int32 : small_type();
    const std::int64_t top = index ? 100 : type == WeightType::int8 ? 127 : 32767;
    const WeightId value = weight(type, tensor.shape, elements(tensor.shape.elements(), -top - 1, top));
    return emit(Constant{value}, {}, tensor);
}

TensorId GraphBuilder::tensor(const Tensor& wanted) {
    std::vector<TensorId> fitting;
    for (TensorId id = 0; id < part_.tensors.size(); ++id)
        if (part_.tensors[id].type == wanted.type && part_.tensors[id].shape == wanted.shape)
            fitting.push_back(id);
    if (!fitting.empty() && random_.chance(3, 4)) return fitting[random_.below(fitting.size())];
    return body_ || random_.chance(1, 3) ? constant(wanted) : input(wanted);
}

TensorId GraphBuilder::any(ElementType type, std::size_t least_rank) {
    std::vector<TensorId> fitting;
    for (TensorId id = 0; id < part_.tensors.size(); ++id)
        if (part_.tensors[id].type == type && part_.tensors[id].shape.rank() >= least_rank)
            fitting.push_back(id);
    if (!fitting.empty() && random_.chance(7, 8)) return fitting[random_.below(fitting.size())];
    return tensor({type, shape(least_rank + random_.below(3)), exponent()});
}

Shape GraphBuilder::shape(std::size_t rank) {
    std::uint64_t left = options_.elements;
    std::vector<std::uint32_t> extents;
    for (std::size_t axis = 0; axis < rank; ++axis) {
        const auto extent = random_.pick<std::uint32_t>({1, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 33});
        extents.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(extent, left)));
        left = std::max<std::uint64_t>(left / extents.back(), 1);
    }
    return Shape{std::span<const std::uint32_t>(extents)};
}

Shape GraphBuilder::broadcast_part(const Shape& shape) {
    std::vector<std::uint32_t> extents;
    for (std::size_t axis = random_.below(shape.rank() + 1); axis < shape.rank(); ++axis)
        extents.push_back(random_.chance(1, 3) ? 1 : shape[axis]);
    return Shape{std::span<const std::uint32_t>(extents)};
}

TensorId GraphBuilder::broadcastable_to(TensorId id) {
    for (int attempt = 0; attempt < 8 && !part_.tensors.empty(); ++attempt) {
        const TensorId other = random_.below(part_.tensors.size());
        const Shape& from = part_.tensors[other].shape;
        const Shape& to = part_.tensors[id].shape;
        if (part_.tensors[other].type != ElementType::activation || from.rank() > to.rank()) continue;
        bool fits = true;
        for (std::size_t axis = 0; axis < from.rank(); ++axis) {
            const std::uint32_t extent = to[to.rank() - from.rank() + axis];
            fits = fits && (from[axis] == 1 || from[axis] == extent);
        }
        if (fits) return other;
    }
    return tensor({part_.tensors[id].type, broadcast_part(part_.tensors[id].shape), exponent()});
}

TensorId GraphBuilder::emit(Operation operation, std::vector<TensorId> inputs, const Tensor& output) {
    const auto id = static_cast<TensorId>(part_.tensors.size());
    part_.tensors.push_back(output);
    part_.nodes.push_back(
        {std::move(operation), std::move(inputs), {id}, "node" + std::to_string(part_.nodes.size())});
    return id;
}

WeightId GraphBuilder::weight(WeightType type, const Shape& shape,
                              const std::vector<std::int64_t>& elements) {
    Weight added{type, shape, {}};
    for (const std::int64_t element : elements)
        for (std::size_t k = 0; k < width(type); ++k)
            added.data.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(element) >> (8 * k)));
    graph_.weights.push_back(std::move(added));
    return static_cast<WeightId>(graph_.weights.size() - 1);
}

std::vector<std::int64_t> GraphBuilder::elements(std::uint64_t count, std::int64_t low, std::int64_t high) {
    const std::uint32_t style = random_.below(4);
    std::vector<std::int64_t> result;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::int64_t free = random_.between(low, high);
        switch (style) {
            case 0:  // extremes only
                result.push_back(random_.pick({low, high, high}));
                break;
            case 1:  // one sign: every product adds up
                result.push_back(high);
                break;
            case 2:  // mostly zeros
                result.push_back(random_.chance(1, 4) ? free : std::clamp<std::int64_t>(0, low, high));
                break;
            default:
                result.push_back(free);
        }
    }
    return result;
}

std::uint32_t GraphBuilder::least_shift(Magnitude bound) {
    std::uint32_t shift = 0;
    while (bound > (Magnitude{1} << (29 + shift)))
        ++shift;
    return shift;
}

Requantisation GraphBuilder::requantisation(Magnitude bound, std::uint32_t largest_shift) {
    const std::uint32_t least = least_shift(bound);
    std::uint32_t ordinary = least;
    while (ordinary < largest_shift && bound > (Magnitude{1} << (15 + ordinary)))
        ++ordinary;
    const auto shift = random_.pick({least, ordinary, ordinary > 2 + least ? ordinary - 2 : ordinary,
                                     static_cast<std::uint32_t>(random_.between(least, largest_shift))});
    Requantisation out{.shift = static_cast<std::uint8_t>(shift)};
    if (random_.chance(1, 4)) out.low = 0;
    if (random_.chance(1, 4)) {
        out.low = static_cast<std::int16_t>(random_.between(-32768, 32767));
        out.high = static_cast<std::int16_t>(random_.between(out.low, 32767));
    }
    return out;
}

GraphBuilder::Channels GraphBuilder::channels(const Shape& weights, const Shape& list, std::uint64_t inner) {
    const WeightType type = small_type();
    const std::int64_t top = type == WeightType::int8 ? 127 : 32767;
    const std::uint32_t largest_shift = type == WeightType::int8 ? 16 : 24;
    const auto values = elements(weights.elements(), -top - 1, top);
    // The greatest sum of any channel bounds all of them.
    Magnitude sum = 0;
    for (std::size_t at = 0; at < values.size(); at += inner) {
        Magnitude row = 0;
        for (std::size_t k = at; k < at + inner; ++k)
            row += static_cast<std::uint64_t>(values[k] < 0 ? -values[k] : values[k]) << 15;
        sum = std::max(sum, row);
    }
    Channels result{.weight = weight(type, weights, values), .bias = {}, .channel = {}, .out = {}};
    const std::uint64_t count = list.elements();
    const Magnitude room = Magnitude{1} << (29 + largest_shift);
    if (random_.chance(2, 3)) {
        const std::int64_t size = std::int64_t{1} << random_.below(std::bit_width(
                                      static_cast<std::uint64_t>(std::min<Magnitude>(room / 2, 1ULL << 40))));
        result.bias = weight(WeightType::int64, list, elements(count, -size, size));
        sum += static_cast<std::uint64_t>(size);
    }
    if (random_.chance(1, 2)) {
        std::int64_t e = 0;
        while (e < 15 && (sum << (e + 1)) <= room)
            ++e;
        result.channel = weight(WeightType::uint8, list, elements(count, 0, e));
        sum <<= e;
    }
    result.out = requantisation(sum, largest_shift);
    return result;
}

std::vector<std::uint8_t> GraphBuilder::axes_of(const Shape& shape) {
    std::vector<std::uint8_t> axes;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis)
        if (random_.chance(1, 2)) axes.push_back(static_cast<std::uint8_t>(axis));
    if (axes.empty()) axes.push_back(axis_of(shape));
    return axes;
}

Table GraphBuilder::table() {
    Table table;
    table.function = static_cast<Function>(random_.below(static_cast<std::uint64_t>(Function::cosine) + 1));
    table.in = static_cast<std::int8_t>(random_.between(6, 15));
    table.out = static_cast<std::int8_t>(random_.between(6, 15));
    switch (table.function) {
        case Function::hard_sigmoid:
        case Function::selu:
            table.b = static_cast<std::int32_t>(random_.between(-(2 << 20), 2 << 20));
            [[fallthrough]];
        case Function::leaky_relu:
        case Function::power:
        case Function::elu:
        case Function::silu:
            table.a = static_cast<std::int32_t>(random_.between(-(2 << 20), 2 << 20));
            break;
        default:
            break;
    }
    return table;
}

}  // namespace valence::ml::testing
