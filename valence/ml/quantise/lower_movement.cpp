// What moves elements without changing them.
#include <algorithm>
#include <numeric>

#include "valence/ml/quantise/lowering.hpp"

namespace valence::ml {
namespace {

ElementType type_of(const Lowering& l, real::ValueId id) {
    return l.is_index(id) ? ElementType::index : ElementType::activation;
}

Result<void> lower_concat(Lowering& l, const real::Node& node) {
    const auto axis = static_cast<std::uint8_t>(node.get<real::Axis>().axis);
    const ElementType type = type_of(l, node.outputs[0]);
    std::vector<Place> places;
    int exponent = 0;
    if (type == ElementType::index || l.source.type(node.outputs[0]).element == real::ElementType::boolean) {
        for (const real::ValueId id : node.inputs)
            places.push_back(l.at(id));
    } else {
        places = l.aligned(node.inputs, l.wanted(node.outputs[0]));
        exponent = places[0].exponent;
        for (const Place& place : places)
            exponent = std::min(exponent, place.exponent);
        for (Place& place : places)
            place = l.builder.rescale(place, exponent);
    }
    std::vector<TensorId> tensors;
    for (const Place& place : places)
        tensors.push_back(place.tensor);
    l.put(node,
          l.builder.emit(Concatenation{axis}, std::move(tensors), l.shape(node.outputs[0]), exponent, type));
    return success();
}

Result<void> lower_split(Lowering& l, const real::Node& node) {
    const auto& attributes = node.get<real::SplitAttributes>();
    const Place x = l.at(node.inputs[0]);
    std::uint32_t start = 0;
    for (std::size_t k = 0; k < node.outputs.size(); ++k) {
        const auto size = static_cast<std::uint32_t>(attributes.sizes[k]);
        l.put(node.outputs[k], l.builder.slice(x, static_cast<std::size_t>(attributes.axis), start, size));
        start += size;
    }
    return success();
}

Result<void> lower_slice(Lowering& l, const real::Node& node) {
    const auto& attributes = node.get<real::SliceAttributes>();
    const Place x = l.at(node.inputs[0]);
    Slice slice;
    for (std::size_t k = 0; k < attributes.start.size(); ++k) {
        slice.start.push_back(static_cast<std::uint32_t>(attributes.start[k]));
        slice.step.push_back(static_cast<std::int32_t>(attributes.step[k]));
    }
    l.put(node, l.builder.emit(std::move(slice), {x.tensor}, l.shape(node.outputs[0]), x.exponent,
                               l.builder.type(x)));
    return success();
}

Result<void> lower_gather(Lowering& l, const real::Node& node) {
    const auto axis = static_cast<std::uint8_t>(node.get<real::Axis>().axis);
    const real::ValueId data = node.inputs[0];
    const real::ValueId indices = node.inputs[1];
    const Shape out = l.shape(node.outputs[0]);
    const ElementType type = type_of(l, node.outputs[0]);
    if (l.source.is_constant(indices)) {
        const Place x = l.at(data);
        const Shape shape = l.builder.shape(x);
        std::vector<std::int64_t> places;
        for (const std::int64_t index : l.source.constant(indices)->i64())
            places.push_back(index < 0 ? index + shape[axis] : index);
        Shape selected = shape;
        selected[axis] = static_cast<std::uint32_t>(places.size());
        const WeightId weight = l.builder.add_weight(WeightType::int32, {selected[axis]}, places);
        const Place y = l.builder.emit(Selection{axis, weight}, {x.tensor}, selected, x.exponent, type);
        l.put(node, l.builder.reshape(y, out));
        return success();
    }
    const Place index = l.at(indices);
    if (l.source.is_constant(data) && !l.is_index(data)) {
        const RealTensor table = l.constant(data);
        double reach = 0;
        for (const double value : table.values)
            reach = std::max(reach, std::abs(value));
        const int exponent = exponent_for(reach, 1.0);
        std::vector<std::int64_t> integers;
        for (const double value : table.values)
            integers.push_back(to_integer(value, exponent, 32767));
        const WeightId weight = l.builder.add_weight(WeightType::int16, table.shape, integers);
        l.put(node, l.builder.emit(Gather{axis, weight}, {index.tensor}, out, exponent, type));
        return success();
    }
    const Place x = l.at(data);
    l.put(node, l.builder.emit(Gather{axis, std::nullopt}, {x.tensor, index.tensor}, out, x.exponent, type));
    return success();
}

Result<void> lower_tile(Lowering& l, const real::Node& node) {
    Place x = l.at(node.inputs[0]);
    const real::Shape& repeats = node.get<real::TileAttributes>().repeats;
    for (std::size_t axis = 0; axis < repeats.size(); ++axis) {
        if (repeats[axis] == 1) continue;
        Shape shape = l.builder.shape(x);
        shape[axis] = static_cast<std::uint32_t>(shape[axis] * repeats[axis]);
        const std::vector<TensorId> copies(static_cast<std::size_t>(repeats[axis]), x.tensor);
        x = l.builder.emit(Concatenation{static_cast<std::uint8_t>(axis)}, copies, shape, x.exponent,
                           l.builder.type(x));
    }
    l.put(node, x);
    return success();
}

/// The input place that each output place of a padded axis shows.
std::vector<std::int64_t> padded_places(real::PadMode mode, std::int64_t extent, std::int64_t before,
                                        std::int64_t after) {
    std::vector<std::int64_t> places;
    for (std::int64_t place = -before; place < extent + after; ++place) {
        std::int64_t from = place;
        if (mode == real::PadMode::edge) {
            from = std::clamp<std::int64_t>(place, 0, extent - 1);
        } else if (mode == real::PadMode::wrap) {
            from = ((place % extent) + extent) % extent;
        } else {
            const std::int64_t period = std::max<std::int64_t>(1, 2 * (extent - 1));
            from = ((place % period) + period) % period;
            if (from >= extent) from = period - from;
        }
        places.push_back(from);
    }
    return places;
}

Result<void> lower_pad(Lowering& l, const real::Node& node) {
    const auto& attributes = node.get<real::PadAttributes>();
    Place x = l.at(node.inputs[0]);
    if (attributes.mode == real::PadMode::constant) {
        if (!l.is_index(node.inputs[0]))
            x = l.builder.rescale(x, std::min(x.exponent, l.wanted(node.outputs[0])));
        Padding padding;
        for (const std::int64_t before : attributes.before)
            padding.before.push_back(static_cast<std::uint32_t>(before));
        const bool index = l.is_index(node.inputs[0]);
        padding.value = static_cast<std::int32_t>(
            to_integer(attributes.value, index ? 0 : x.exponent, index ? 2147483647 : 32767));
        l.put(node, l.builder.emit(std::move(padding), {x.tensor}, l.shape(node.outputs[0]), x.exponent,
                                   l.builder.type(x)));
        return success();
    }
    for (std::size_t axis = 0; axis < attributes.before.size(); ++axis) {
        if (attributes.before[axis] == 0 && attributes.after[axis] == 0) continue;
        Shape shape = l.builder.shape(x);
        const auto places =
            padded_places(attributes.mode, shape[axis], attributes.before[axis], attributes.after[axis]);
        shape[axis] = static_cast<std::uint32_t>(places.size());
        const WeightId weight = l.builder.add_weight(WeightType::int32, {shape[axis]}, places);
        x = l.builder.emit(Selection{static_cast<std::uint8_t>(axis), weight}, {x.tensor}, shape, x.exponent,
                           l.builder.type(x));
    }
    l.put(node, x);
    return success();
}

Result<void> lower_top_k(Lowering& l, const real::Node& node) {
    const auto& attributes = node.get<real::TopKAttributes>();
    if (l.is_index(node.inputs[0])) return unsupported("on integers that are not known in advance");
    const Place x = l.at(node.inputs[0]);
    const Shape shape = l.shape(node.outputs[0]);
    const TensorId values = l.builder.add_tensor(ElementType::activation, shape, x.exponent);
    const TensorId places = l.builder.add_tensor(ElementType::index, shape);
    const Extremum which = attributes.largest ? Extremum::maximum : Extremum::minimum;
    l.builder.emit_many(TopK{which, static_cast<std::uint8_t>(attributes.axis)}, {x.tensor},
                        {values, places});
    l.put(node.outputs[0], {values, x.exponent, {}});
    if (node.outputs.size() > 1) l.put(node.outputs[1], {places, 0, {}});
    return success();
}

}  // namespace

Result<void> lower_movement(Lowering& l, const real::Node& node) {
    switch (node.op) {
        case real::Op::concat:
            return lower_concat(l, node);
        case real::Op::split:
            return lower_split(l, node);
        case real::Op::slice:
            return lower_slice(l, node);
        case real::Op::gather:
            return lower_gather(l, node);
        case real::Op::tile:
            return lower_tile(l, node);
        case real::Op::pad:
            return lower_pad(l, node);
        case real::Op::top_k:
            return lower_top_k(l, node);
        case real::Op::reshape:
            l.put(node, l.builder.reshape(l.at(node.inputs[0]), l.shape(node.outputs[0])));
            break;
        case real::Op::expand:
            l.put(node, l.builder.broadcast(l.at(node.inputs[0]), l.shape(node.outputs[0])));
            break;
        default: {
            std::vector<std::uint8_t> permutation;
            for (const std::int64_t axis : node.get<real::Permutation>().axes)
                permutation.push_back(static_cast<std::uint8_t>(axis));
            l.put(node, l.builder.transpose(l.at(node.inputs[0]), permutation));
        }
    }
    return success();
}

}  // namespace valence::ml
