// Least and greatest elements, and where they are.
#include <algorithm>
#include <bit>
#include <numeric>

#include "valence/zk/protocol/circuit/gadgets.hpp"

namespace valence::zk {
namespace {

constexpr std::uint8_t kDifferenceBits = 16;  // of two activations

/// −x for the least, so that everything below looks for the greatest.
QuantityId oriented(Compiler& to, QuantityId x, ml::Extremum which) {
    return which == ml::Extremum::maximum ? x : to.affine({{kMinusOne, x}});
}

/// Elements as numbers that are all different and in the order that ties ask for: n·x + n − 1 − place.
struct Keys {
    QuantityId keys = 0;
    std::int64_t extent = 0;
    std::uint8_t difference_bits = 0;
};
Keys keys_along(Compiler& to, QuantityId x, std::uint8_t axis) {
    const ml::Shape of = to.shape(x);
    const std::int64_t extent = of[axis];
    std::vector<std::int64_t> places(of[axis]);
    for (std::size_t place = 0; place < places.size(); ++place)
        places[place] = extent - 1 - static_cast<std::int64_t>(place);
    const QuantityId keys =
        to.affine({{Goldilocks::of(extent), x}, {kOne, ramp(to, of, axis, std::move(places))}});
    const auto extent_bits = static_cast<std::uint8_t>(std::bit_width(of[axis] - 1U));
    return {keys, extent, static_cast<std::uint8_t>(kDifferenceBits + extent_bits)};
}

}  // namespace

Result<void> compile_node(Compiler& to, const ml::ElementwiseExtremum& extremum, const ml::Node& node) {
    const ml::Shape& out = to.tensor_shape(node.outputs[0]);
    std::vector<QuantityId> both;
    for (const ml::TensorId input : node.inputs)
        both.push_back(oriented(to, to.broadcast(to.tensor(input), out), extremum.which));
    const QuantityId y = to.greatest(both, kDifferenceBits, by_axis(out));
    to.set_tensor(node.outputs[0], oriented(to, y, extremum.which));
    return success();
}

Result<void> compile_node(Compiler& to, const ml::ReduceExtremum& extremum, const ml::Node& node) {
    // The reduced axes go last, as one.
    const ml::Shape in = to.tensor_shape(node.inputs[0]);
    std::vector<std::uint8_t> permutation;
    std::vector<std::uint32_t> extents;
    std::uint64_t reduced = 1;
    for (std::size_t axis = 0; axis < in.rank(); ++axis) {
        if (std::ranges::find(extremum.axes, axis) != extremum.axes.end()) continue;
        permutation.push_back(static_cast<std::uint8_t>(axis));
        extents.push_back(in[axis]);
    }
    for (const std::uint8_t axis : extremum.axes) {
        permutation.push_back(axis);
        reduced *= in[axis];
    }
    ml::Shape moved = in;
    for (std::size_t k = 0; k < permutation.size(); ++k)
        moved[k] = in[permutation[k]];
    extents.push_back(static_cast<std::uint32_t>(reduced));
    const ml::Shape lines{std::span<const std::uint32_t>(extents)};
    const QuantityId x = oriented(to, to.tensor(node.inputs[0]), extremum.which);
    const QuantityId of_lines = to.reshaped(
        std::ranges::is_sorted(permutation) ? x : to.define(moved, Transposed{x, permutation}), lines);
    const QuantityId y = greatest_along(to, of_lines, static_cast<std::uint8_t>(lines.rank() - 1),
                                        kDifferenceBits, by_axis(lines));
    to.set_tensor(node.outputs[0],
                  oriented(to, to.reshaped(y, to.tensor_shape(node.outputs[0])), extremum.which));
    return success();
}

/// Keys are all different, so that `chosen` marks one place of each line, and no other assignment does.
Result<void> compile_node(Compiler& to, const ml::ArgExtremum& extremum, const ml::Node& node) {
    const ml::Shape in = to.tensor_shape(node.inputs[0]);
    const QuantityId x = oriented(to, to.tensor(node.inputs[0]), extremum.which);
    const Keys keys = keys_along(to, x, extremum.axis);
    ml::Shape lines = in;
    lines[extremum.axis] = 1;
    const QuantityId greatest = to.column(lines, GreatestAlong{keys.keys, extremum.axis});
    const QuantityId places =
        chosen(to, keys.keys, greatest, extremum.axis, keys.difference_bits, by_axis(in));
    std::vector<std::int64_t> numbers(in[extremum.axis]);
    std::iota(numbers.begin(), numbers.end(), std::int64_t{0});
    const QuantityId numbered = to.define(in, Multiplied{places, extremum.axis, std::move(numbers)});
    to.set_tensor(node.outputs[0], to.define(lines, Summed{numbered}));
    return success();
}

/// Committed: y and i of the k foremost, and for each element u = 1 where it is not among them.
///   i is a place, and (position, y) a row of the table of all (position, x), so that y is x at place i;
///   keys n·y + n − 1 − i descend, so that the k elements are different and in order;
///   u = 0 where an element's key is at least the last of them, u = 1 where it is less, and the u of a line
///   add up to n − k: exactly k elements are not below the last. So the k that descend to it are those.
Result<void> compile_node(Compiler& to, const ml::TopK& top, const ml::Node& node) {
    const ml::Shape in = to.tensor_shape(node.inputs[0]);
    const ml::Shape out = to.tensor_shape(node.outputs[0]);
    const std::uint8_t axis = top.axis;
    const auto in_groups = by_axis(in);
    const auto out_groups = by_axis(out);
    const QuantityId x = oriented(to, to.tensor(node.inputs[0]), top.which);
    const Keys keys = keys_along(to, x, axis);
    const QuantityId y = to.column(out, Foremost{keys.keys, axis, keys.extent, false});
    const QuantityId back = to.column(out, Foremost{keys.keys, axis, keys.extent, true});  // n − 1 − i
    const QuantityId place = complement(to, back, keys.extent - 1);
    range_check(to, place, 0, keys.extent - 1, out_groups);

    // Positions of a line's elements: those at place 0, and a stride times the place.
    ml::Shape lines = in;
    lines[axis] = 1;
    const std::uint64_t stride = in.product(axis + std::size_t{1}, in.rank());
    const QuantityId first = to.broadcast(to.placed(positions(to, in), axis, {0}), out);
    const QuantityId position = to.affine({{kOne, first}, {Goldilocks(stride), place}});
    const std::uint32_t table = to.table(ComputedTable{{positions(to, in), x}, in.elements()});
    to.look_up(table, {position, y}, out_groups);

    const QuantityId key = to.affine({{Goldilocks::of(keys.extent), y}, {kOne, back}});
    const std::uint32_t count = out[axis];
    std::vector<std::int64_t> earlier(count - 1);
    std::iota(earlier.begin(), earlier.end(), std::int64_t{0});
    if (count > 1) {
        std::vector<std::int64_t> later(count - 1);
        std::iota(later.begin(), later.end(), std::int64_t{1});
        const QuantityId before = to.placed(key, axis, std::move(earlier));
        const QuantityId step = to.difference(before, to.placed(key, axis, std::move(later)));
        to.range_check(shifted(to, step, -1), keys.difference_bits, by_axis(to.shape(step)));
    }
    const QuantityId last = to.broadcast(to.placed(key, axis, {count - 1}), in);
    const QuantityId ahead = to.difference(keys.keys, last);
    const Bit below = is_negative(to, ahead, keys.difference_bits, in_groups);
    const QuantityId total = to.define(lines, Summed{below.value});
    to.vanish(shifted(to, to.broadcast(total, in), std::int64_t{count} - keys.extent), below.weighed_as);
    to.set_tensor(node.outputs[0], oriented(to, y, top.which));
    to.set_tensor(node.outputs[1], place);
    return success();
}

}  // namespace valence::zk
