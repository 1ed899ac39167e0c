// Elements at places that the run decides.
#include <algorithm>

#include "valence/zk/protocol/circuit/gadgets.hpp"

namespace valence::zk {
namespace {

constexpr std::uint8_t kIndexBits = 32;

/// An index as a place on an axis: from the end if below 0, then to the nearest end. Both moves stay below
/// 2^32, as indices and extents are below 2^31.
std::int64_t place_of(std::int64_t index, std::int64_t extent) {
    return std::clamp<std::int64_t>(index < 0 ? index + extent : index, 0, extent - 1);
}
QuantityId place_of(Compiler& to, QuantityId index, std::int64_t extent) {
    const auto groups = by_axis(to.shape(index));
    const Bit negative = is_negative(to, index, kIndexBits - 1, groups);
    const QuantityId moved = to.affine({{kOne, index}, {Goldilocks::of(extent), negative.value}});
    return clamped(to, moved, 0, extent - 1, kIndexBits, groups);
}

/// A gather's shapes. In a scan's body (lifted_body.hpp) the step is axis 0 of source, places and result.
struct GatherShapes {
    ml::Shape out;
    ml::Shape source;
    std::size_t index_axes = 0;  // without the step
    std::size_t axis = 0;
    bool by_step = false;
};

/// Where the elements of a gather lie in its source, row-major.
QuantityId positions_of(Compiler& to, const GatherShapes& shapes, QuantityId places) {
    const auto& [out, source, index_axes, axis, by_step] = shapes;
    const auto stride = [&, &from = source](std::size_t of) { return from.product(of + 1, from.rank()); };
    // The indices' axes where they are in the result, with axes of extent 1 for the source's around them.
    const ml::Shape of_places = to.shape(places);
    const auto extents_of_places = of_places.extents();
    std::vector<std::uint32_t> extents;
    if (by_step) {
        extents.push_back(extents_of_places[0]);
        extents.resize(axis, 1);
    }
    extents.insert(extents.end(), extents_of_places.end() - static_cast<std::ptrdiff_t>(index_axes),
                   extents_of_places.end());
    extents.resize(extents.size() + source.rank() - 1 - axis, 1);
    const QuantityId along =
        to.broadcast(to.reshaped(places, ml::Shape{std::span<const std::uint32_t>(extents)}), out);
    std::vector<std::pair<Goldilocks, QuantityId>> terms{{Goldilocks(stride(axis)), along}};
    for (std::size_t k = 0; k < source.rank(); ++k) {
        if (k == axis || source[k] == 1) continue;
        std::vector<std::int64_t> steps(source[k]);
        for (std::size_t j = 0; j < steps.size(); ++j)
            steps[j] = static_cast<std::int64_t>(j * stride(k));
        const auto out_axis = static_cast<std::uint8_t>(k < axis ? k : k - 1 + index_axes);
        terms.emplace_back(kOne, ramp(to, out, out_axis, std::move(steps)));
    }
    return to.affine(std::move(terms));
}

}  // namespace

/// Indices that the verifier knows say where each element comes from. Of others, (position, y) is a row of
/// the table of all (position, element) of the source.
Result<void> compile_node(Compiler& to, const ml::Gather& gather, const ml::Node& node) {
    const ml::Shape& out = to.tensor_shape(node.outputs[0]);
    const QuantityId source = gather.table ? to.weight(*gather.table) : to.tensor(node.inputs[0]);
    const QuantityId indices = to.tensor(node.inputs.back());
    const ml::Shape from = to.shape(source);
    const std::int64_t extent = from[gather.axis];
    const std::size_t index_rank = to.shape(indices).rank();
    const bool by_step = out.rank() + 2 == from.rank() + index_rank;
    if (const auto known = to.known_elements(indices); known && !by_step) {
        std::vector<std::int64_t> places;
        for (const std::int64_t index : *known)
            places.push_back(place_of(index, extent));
        to.set_tensor(node.outputs[0], to.reshaped(to.placed(source, gather.axis, std::move(places)), out));
        return success();
    }
    const QuantityId position = positions_of(
        to, {out, from, index_rank - (by_step ? 1 : 0), gather.axis, by_step}, place_of(to, indices, extent));
    const std::uint32_t table = to.table(ComputedTable{{positions(to, from), source}, from.elements()});
    const QuantityId y = to.column(out, RowEntry{table, position, 1});
    to.look_up(table, {position, y}, by_axis(out));
    to.set_tensor(node.outputs[0], y);
    return success();
}

/// The table of (first, last, value) over all indices: one row for each key, one for each gap between keys.
/// first ≤ i ≤ last is true in one row only.
Result<void> compile_node(Compiler& to, const ml::IndexMap& map, const ml::Node& node) {
    const ml::Weight& keys = to.graph().weights[map.keys];
    const ml::Weight& values = to.graph().weights[map.values];
    ListedTable rows{{{}, {}, {}}};
    const auto add = [&](std::int64_t first, std::int64_t last, std::int64_t value) {
        if (first > last) return;
        rows.entries[0].push_back(first);
        rows.entries[1].push_back(last);
        rows.entries[2].push_back(value);
    };
    std::int64_t next = INT32_MIN;
    for (std::uint64_t j = 0; j < keys.shape.elements(); ++j) {
        if (keys[j] < next)
            return Error{CircuitError::unsupported_operation, "IndexMap with keys out of order"};
        add(next, keys[j] - 1, map.otherwise);
        add(keys[j], keys[j], values[j]);
        next = keys[j] + 1;
    }
    add(next, INT32_MAX, map.otherwise);

    const QuantityId index = to.tensor(node.inputs[0]);
    const ml::Shape of = to.shape(index);
    const auto groups = by_axis(of);
    const std::uint32_t table = to.table(std::move(rows));
    const auto entry = [&](std::uint8_t number) { return to.column(of, RowEntry{table, index, number}); };
    const QuantityId first = entry(0);
    const QuantityId last = entry(1);
    const QuantityId value = entry(2);
    to.look_up(table, {first, last, value}, groups);
    to.range_check(to.difference(index, first), kIndexBits, groups);
    to.range_check(to.difference(last, index), kIndexBits, groups);
    to.set_tensor(node.outputs[0], value);
    return success();
}

}  // namespace valence::zk
