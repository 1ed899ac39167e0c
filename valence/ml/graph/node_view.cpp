#include "valence/ml/graph/node_view.hpp"

#include <fmt/format.h>

namespace valence::ml {

Result<void> NodeView::arguments(std::size_t inputs, std::size_t outputs) const {
    if (node.inputs.size() != inputs || node.outputs.size() != outputs)
        return invalid(fmt::format("{} inputs and {} outputs, not {} and {}", node.inputs.size(),
                                   node.outputs.size(), inputs, outputs));
    return success();
}

Result<void> NodeView::input_type(std::size_t number, ElementType type) const {
    if (input(number).type != type)
        return invalid(fmt::format("input {} must be {}", number,
                                   type == ElementType::index ? "indices" : "activations"));
    return success();
}

Result<void> NodeView::activations(std::size_t inputs, std::size_t outputs) const {
    BOOST_OUTCOME_TRY(arguments(inputs, outputs));
    for (std::size_t i = 0; i < inputs; ++i) {
        BOOST_OUTCOME_TRY(input_type(i, ElementType::activation));
    }
    return success();
}

Result<void> NodeView::output_is(ElementType type, const Shape& shape, std::size_t number) const {
    const Tensor& out = output(number);
    if (out.type != type || out.shape != shape)
        return invalid(fmt::format("output {} must be {} of {}, not {} of {}", number,
                                   type == ElementType::index ? "indices" : "activations", to_string(shape),
                                   out.type == ElementType::index ? "indices" : "activations",
                                   to_string(out.shape)));
    return success();
}

Result<void> NodeView::weight_type(WeightId id, std::initializer_list<WeightType> types) const {
    if (std::find(types.begin(), types.end(), weight(id).type) == types.end())
        return invalid(fmt::format("weight {} has an element type this use does not take", id));
    return success();
}

Result<void> NodeView::weight_is(WeightId id, std::initializer_list<WeightType> types,
                                 const Shape& shape) const {
    BOOST_OUTCOME_TRY(weight_type(id, types));
    if (weight(id).shape != shape)
        return invalid(
            fmt::format("weight {} is {}, not {}", id, to_string(weight(id).shape), to_string(shape)));
    return success();
}

Result<void> NodeView::weight_within(WeightId id, std::int64_t low, std::int64_t high) const {
    if (!weighed()) return success();
    const Range& found = facts.range(id);
    if (found.low < low || found.high > high)
        return invalid(fmt::format("weight {} holds {}, outside {} … {}", id,
                                   found.low < low ? found.low : found.high, low, high));
    return success();
}

Result<void> NodeView::broadcasts(const Shape& from, const Shape& to) const {
    bool fits = from.rank() <= to.rank();
    for (std::size_t axis = 0; fits && axis < from.rank(); ++axis)
        fits = from[axis] == 1 || from[axis] == to[to.rank() - from.rank() + axis];
    if (!fits) return invalid(fmt::format("{} does not broadcast to {}", to_string(from), to_string(to)));
    return success();
}

Result<void> NodeView::axis(std::size_t axis, const Shape& shape) const {
    if (axis >= shape.rank()) return invalid(fmt::format("axis {} of {}", axis, to_string(shape)));
    return success();
}

Result<void> NodeView::axes(std::span<const std::uint8_t> list, const Shape& shape) const {
    if (list.empty()) return invalid("no axes");
    for (std::size_t i = 0; i < list.size(); ++i) {
        BOOST_OUTCOME_TRY(axis(list[i], shape));
        if (i > 0 && list[i] <= list[i - 1]) return invalid("axes are not ascending");
    }
    return success();
}

Result<void> NodeView::requantises(const Range& sum, const Requantisation& to) const {
    if (!weighed()) return check_requantisation(to);
    BOOST_OUTCOME_TRY(results[0], requantised(sum, to));
    return success();
}

Result<Shape> broadcast_shape(std::span<const Shape> shapes) {
    Shape result = *std::max_element(shapes.begin(), shapes.end(),
                                     [](const Shape& a, const Shape& b) { return a.rank() < b.rank(); });
    for (const Shape& shape : shapes)
        for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
            std::uint32_t& extent = result[result.rank() - shape.rank() + axis];
            if (extent == 1) extent = shape[axis];
            if (shape[axis] != 1 && shape[axis] != extent)
                return invalid(
                    fmt::format("{} and {} do not broadcast", to_string(result), to_string(shape)));
        }
    return result;
}

}  // namespace valence::ml
