#include "valence/zk/protocol/circuit/layout.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "valence/base/result.hpp"

namespace valence::zk {
namespace {

int log2_ceil(std::uint64_t count) { return count <= 1 ? 0 : static_cast<int>(std::bit_width(count - 1)); }

std::uint64_t group_extent(const ml::Shape& shape, std::span<const Axis> axes) {
    std::uint64_t count = 1;
    for (const Axis axis : axes)
        count *= shape[axis];
    return count;
}

template <typename Layout, typename Bits>
std::uint64_t place_largest_first(std::span<Layout* const> layouts, Bits bits) {
    std::vector<Layout*> order(layouts.begin(), layouts.end());
    std::ranges::stable_sort(order, [&](const Layout* a, const Layout* b) { return bits(*a) > bits(*b); });
    std::uint64_t end = 0;
    for (Layout* layout : order) {
        layout->base = end;
        end += layout->size();
    }
    return end;
}

/// The functional on the tensor as it is stored.
template <typename E>
Functional<E> in_stored_order(const Functional<E>& functional, const StoredLayout& layout) {
    // pull_back_transpose takes y's axis k for x's axis permutation[k]; here y is the tensor and x the stored
    // one.
    std::vector<std::uint8_t> place_of(layout.order.size());
    for (std::size_t k = 0; k < layout.order.size(); ++k)
        place_of[layout.order[k]] = static_cast<std::uint8_t>(k);
    return pull_back_transpose(functional, place_of);
}

/// Replaces the last axis by its blocks, weighing the places within one by `inside`.
template <typename E>
Functional<E> contract_blocks(const Functional<E>& functional, std::uint8_t bits, std::span<const E> inside) {
    const auto last = static_cast<Axis>(functional.shape.rank() - 1);
    const std::uint32_t extent = functional.shape[last];
    const std::uint32_t blocks = ((extent - 1) >> bits) + 1;
    Functional<E> result = functional;
    result.shape[last] = blocks;
    for (Factor<E>& factor : result.factors) {
        if (factor.axes.empty() || factor.axes.back() != last) continue;
        const std::size_t rows = factor.values.size() / extent;
        std::vector<E> values(rows * blocks);
        for (std::size_t row = 0; row < rows; ++row) {
            for (std::uint32_t i = 0; i < extent; ++i)
                values[row * blocks + (i >> bits)] +=
                    factor.values[row * extent + i] * inside[i & ((std::uint32_t{1} << bits) - 1)];
        }
        factor.values = std::move(values);
    }
    return result;
}

template <typename E>
void fill_eq_range(std::span<const E> point, std::uint64_t begin, std::uint64_t end, const E& scale, E* out) {
    if (begin >= end) return;
    if (point.empty()) {
        *out = scale;
        return;
    }
    const std::uint64_t half = std::uint64_t{1} << (point.size() - 1);
    const E high = scale * point[0];
    const E low = scale - high;
    const std::uint64_t middle = std::clamp(half, begin, end);
    fill_eq_range(point.subspan(1), begin, middle, low, out);
    if (middle < end)
        fill_eq_range(point.subspan(1), middle - half, end - half, high, out + (middle - begin));
}

}  // namespace

std::uint64_t StoredLayout::blocks() const {
    const std::uint64_t extent = order.empty() ? 1 : shape[order.back()];
    return ((extent - 1) >> block_bits) + 1;
}

std::uint64_t StoredLayout::size() const {
    const std::uint64_t extent = order.empty() ? 1 : shape[order.back()];
    return shape.elements() / extent * (blocks() << block_bits);
}

StoredLayout stored_layout(const ml::Shape& shape) {
    StoredLayout layout{shape, std::vector<std::uint8_t>(shape.rank()), 0, 0};
    std::iota(layout.order.begin(), layout.order.end(), std::uint8_t{0});
    if (shape.rank() == 0) return layout;
    std::size_t last = 0;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
        if (shape[axis] >= shape[last]) last = axis;
    }
    std::rotate(layout.order.begin() + static_cast<std::ptrdiff_t>(last),
                layout.order.begin() + static_cast<std::ptrdiff_t>(last) + 1, layout.order.end());
    // The largest blocks whose filling is at most an eighth.
    const std::uint64_t extent = shape[last];
    for (int bits = log2_ceil(extent); bits > 0; --bits) {
        const std::uint64_t filled = (((extent - 1) >> bits) + 1) << bits;
        if (filled * 8 > extent * 9) continue;
        layout.block_bits = static_cast<std::uint8_t>(bits);
        break;
    }
    return layout;
}

std::uint64_t place(std::span<StoredLayout* const> layouts) {
    return place_largest_first(layouts, [](const StoredLayout& layout) { return layout.block_bits; });
}

std::uint64_t place(std::span<LeafLayout* const> layouts) {
    return place_largest_first(layouts, [](const LeafLayout& layout) { return layout.inner_bits(); });
}

template <typename E>
std::vector<E> eq_range(std::span<const E> point, std::uint64_t begin, std::uint64_t count) {
    VALENCE_CHECK(begin + count <= std::uint64_t{1} << point.size());
    std::vector<E> values(count);
    fill_eq_range(point, begin, begin + count, E(std::uint64_t{1}), values.data());
    return values;
}

template <typename E>
E evaluate(const Functional<E>& functional, const StoredLayout& layout, std::span<const E> point) {
    const std::size_t high = point.size() - layout.block_bits;
    const std::uint64_t first = layout.base >> layout.block_bits;
    if (layout.shape.rank() == 0) return functional.total() * eq_range(point, layout.base, 1)[0];
    const auto inside = eq_range(point.subspan(high), 0, std::uint64_t{1} << layout.block_bits);
    const auto contracted =
        contract_blocks<E>(in_stored_order(functional, layout), layout.block_bits, inside);
    const std::vector<E> weights = contracted.expand();
    const auto blocks = eq_range(point.first(high), first, weights.size());
    E sum;
    for (std::size_t k = 0; k < weights.size(); ++k)
        sum += weights[k] * blocks[k];
    return sum;
}

template <typename E>
void add(const Functional<E>& functional, const StoredLayout& layout, std::span<E> table) {
    if (layout.shape.rank() == 0) {
        table[layout.base] += functional.total();
        return;
    }
    const std::vector<E> weights = in_stored_order(functional, layout).expand();
    const std::uint64_t extent = layout.shape[layout.order.back()];
    const std::uint64_t stride = layout.blocks() << layout.block_bits;
    for (std::size_t row = 0; row * extent < weights.size(); ++row) {
        for (std::uint64_t i = 0; i < extent; ++i)
            table[layout.base + row * stride + i] += weights[row * extent + i];
    }
}

std::uint8_t LeafLayout::inner_bits() const {
    int bits = 0;
    for (std::size_t g = 1; g < groups.size(); ++g)
        bits += log2_ceil(group_extent(shape, groups[g]));
    return static_cast<std::uint8_t>(bits);
}

std::uint64_t LeafLayout::size() const { return group_extent(shape, groups[0]) << inner_bits(); }

template <typename E>
Functional<E> LeafLayout::weights(std::span<const E> point) const {
    Functional<E> result{shape, {}};
    const int inner = inner_bits();
    std::size_t at = point.size() - static_cast<std::size_t>(inner);
    result.factors.push_back(
        {groups[0], eq_range(point.first(at), base >> inner, group_extent(shape, groups[0]))});
    for (std::size_t g = 1; g < groups.size(); ++g) {
        const std::uint64_t extent = group_extent(shape, groups[g]);
        const auto bits = static_cast<std::size_t>(log2_ceil(extent));
        result.factors.push_back({groups[g], eq_range(point.subspan(at, bits), 0, extent)});
        at += bits;
    }
    return result;
}

std::uint64_t LeafLayout::position(std::span<const std::uint64_t> flat) const {
    std::uint64_t at = flat[0];
    for (std::size_t g = 1; g < groups.size(); ++g)
        at = (at << log2_ceil(group_extent(shape, groups[g]))) + flat[g];
    return base + at;
}

#define VALENCE_ZK_INSTANTIATE(E)                                                       \
    template std::vector<E> eq_range(std::span<const E>, std::uint64_t, std::uint64_t); \
    template E evaluate(const Functional<E>&, const StoredLayout&, std::span<const E>); \
    template void add(const Functional<E>&, const StoredLayout&, std::span<E>);         \
    template Functional<E> LeafLayout::weights<E>(std::span<const E>) const;
VALENCE_ZK_INSTANTIATE(Extension2)
VALENCE_ZK_INSTANTIATE(Extension3)

}  // namespace valence::zk
