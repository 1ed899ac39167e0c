// Windows over images: averages, which are linear, and maxima.
#include <algorithm>
#include <bit>

#include "valence/zk/protocol/circuit/compiler.hpp"

namespace valence::zk {
namespace {

/// For each output place along an axis of the image, the input place that a tap reads; −1 in the padding.
std::vector<std::int64_t> places_of_tap(const ml::Window& window, std::size_t axis, std::uint32_t tap,
                                        std::uint32_t outputs, std::uint32_t inputs) {
    std::vector<std::int64_t> places(outputs);
    for (std::uint32_t y = 0; y < outputs; ++y) {
        const std::int64_t place = std::int64_t{y} * window.stride[axis] +
                                   std::int64_t{tap} * window.dilation[axis] -
                                   std::int64_t{window.before[axis]};
        places[y] = place >= 0 && place < inputs ? place : -1;
    }
    return places;
}

/// The image as the taps of row (axis 0) or column (axis 1) offset `tap` see it.
QuantityId tap_along(Compiler& to, QuantityId image, const ml::Window& window, std::size_t axis,
                     std::uint32_t tap, std::uint32_t outputs, std::int64_t padding) {
    const auto image_axis = static_cast<std::uint8_t>(2 + axis);
    return to.placed(image, image_axis,
                     places_of_tap(window, axis, tap, outputs, to.shape(image)[image_axis]), padding);
}

/// Σ over the taps along one axis.
QuantityId sum_along(Compiler& to, QuantityId image, const ml::Window& window, std::size_t axis,
                     std::uint32_t outputs) {
    std::vector<std::pair<Goldilocks, QuantityId>> taps;
    for (std::uint32_t tap = 0; tap < window.size[axis]; ++tap)
        taps.emplace_back(Goldilocks(1), tap_along(to, image, window, axis, tap, outputs, 0));
    return to.affine(std::move(taps));
}

}  // namespace

Result<void> compile_node(Compiler& to, const ml::AveragePool& pool, const ml::Node& node) {
    const ml::Shape& out = to.tensor_shape(node.outputs[0]);
    const QuantityId lines = sum_along(to, to.tensor(node.inputs[0]), pool.window, 0, out[2]);
    QuantityId sum = sum_along(to, lines, pool.window, 1, out[3]);
    if (pool.multiplier_table) {
        const ml::Weight& table = to.graph().weights[*pool.multiplier_table];
        std::vector<std::int64_t> multipliers;
        for (std::uint64_t k = 0; k < table.shape.elements(); ++k)
            multipliers.push_back(table[k]);
        const ml::Shape places{out[0], out[1], out[2] * out[3]};
        sum = to.reshaped(to.define(places, Multiplied{to.reshaped(sum, places), 2, std::move(multipliers)}),
                          out);
    } else {
        sum = to.affine({{Goldilocks::of(pool.multiplier), sum}});
    }
    BOOST_OUTCOME_TRY(const QuantityId y, to.requantise(sum, pool.out, by_axis(out)));
    to.set_tensor(node.outputs[0], y);
    return success();
}

Result<void> compile_node(Compiler& to, const ml::MaxPool& pool, const ml::Node& node) {
    constexpr std::int64_t kPadding = -32768;
    const ml::Shape& out = to.tensor_shape(node.outputs[0]);
    Bounds bounds = to.bounds(to.tensor(node.inputs[0]));
    for (std::size_t axis = 0; axis < 2; ++axis) {
        if (pool.window.before[axis] != 0 || pool.window.after[axis] != 0)
            bounds.low = std::min(bounds.low, kPadding);
    }
    const auto difference_bits =
        static_cast<std::uint8_t>(std::bit_width(static_cast<std::uint64_t>(bounds.high - bounds.low)));
    std::vector<QuantityId> taps;
    for (std::uint32_t row = 0; row < pool.window.size[0]; ++row) {
        const QuantityId line =
            tap_along(to, to.tensor(node.inputs[0]), pool.window, 0, row, out[2], kPadding);
        for (std::uint32_t column = 0; column < pool.window.size[1]; ++column)
            taps.push_back(tap_along(to, line, pool.window, 1, column, out[3], kPadding));
    }
    to.set_tensor(node.outputs[0], to.greatest(taps, difference_bits, by_axis(out)));
    return success();
}

}  // namespace valence::zk
