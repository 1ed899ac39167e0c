#include "valence/zk/protocol/circuit/layout.hpp"

#include <algorithm>
#include <bit>

#include "valence/base/result.hpp"
#include "valence/zk/protocol/circuit/work_meter.hpp"
#include "valence/zk/protocol/field/sum_of_products.hpp"

namespace valence::zk {
namespace {

template <typename E>
void fill_eq_range(std::span<const E> point, std::uint64_t begin, std::uint64_t end, const E& scale, E* out) {
    if (begin >= end) return;
    if (begin == 0 && end >> point.size() != 0) {
        // All of them: the variables one after the other, each doubling what there is.
        out[0] = scale;
        for (std::size_t j = 0; j < point.size(); ++j) {
            const MultiplesOf<E> times(point[j]);
            for (std::size_t i = std::size_t{1} << j; i-- > 0;) {
                const E low = out[i];
                const E high = times(low);
                out[2 * i] = low - high;
                out[2 * i + 1] = high;
            }
        }
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

std::uint8_t Layout::inner_bits() const {
    int bits = 0;
    for (std::size_t g = 1; g < groups.size(); ++g)
        bits += log2_ceil(extent_of(shape, groups[g]));
    return static_cast<std::uint8_t>(bits);
}

std::uint64_t Layout::size() const { return extent_of(shape, groups[0]) << inner_bits(); }

std::vector<std::uint64_t> Layout::steps() const {
    std::vector<std::uint64_t> step(shape.rank(), 0);
    std::uint64_t block = 1;
    for (std::size_t g = groups.size(); g-- > 0;) {
        std::uint64_t within = 1;
        for (std::size_t k = groups[g].size(); k-- > 0;) {
            step[groups[g][k]] = within * block;
            within *= shape[groups[g][k]];
        }
        block *= std::bit_ceil(within);
    }
    return step;
}

template <typename E>
Functional<E> Layout::weights(std::span<const E> point) const {
    return PointWeights<E>(point).of(*this);
}

template <typename E>
Functional<E> PointWeights<E>::of(const Layout& layout) {
    const ml::Shape& shape = layout.shape;
    Functional<E> result{shape, {}};
    std::size_t after = layout.inner_bits();
    result.factors.push_back({layout.groups[0], range(after, point_.size() - after, layout.base >> after,
                                                      extent_of(shape, layout.groups[0]))});
    for (std::size_t g = 1; g < layout.groups.size(); ++g) {
        const std::uint64_t extent = extent_of(shape, layout.groups[g]);
        const auto bits = static_cast<std::size_t>(log2_ceil(extent));
        after -= bits;
        result.factors.push_back({layout.groups[g], range(after, bits, 0, extent)});
    }
    return result;
}

template <typename E>
SharedValues<E> PointWeights<E>::range(std::size_t after, std::size_t bits, std::uint64_t begin,
                                       std::uint64_t count) {
    const auto [found, fresh] = known_.try_emplace({after, bits, begin, count});
    if (fresh) {
        const auto coordinates = std::span<const E>(point_).subspan(point_.size() - after - bits, bits);
        found->second = eq_range(coordinates, begin, count);
    }
    return found->second;
}

std::uint64_t place(std::span<Layout* const> layouts) {
    std::vector<Layout*> order(layouts.begin(), layouts.end());
    std::ranges::stable_sort(
        order, [](const Layout* a, const Layout* b) { return a->inner_bits() > b->inner_bits(); });
    std::uint64_t end = 0;
    for (Layout* layout : order) {
        layout->base = end;
        end += layout->size();
    }
    return end;
}

template <typename E>
std::vector<E> eq_range(std::span<const E> point, std::uint64_t begin, std::uint64_t count) {
    WorkMeter::spend(count);
    VALENCE_CHECK(begin + count <= std::uint64_t{1} << point.size());
    std::vector<E> values(count);
    fill_eq_range(point, begin, begin + count, E(std::uint64_t{1}), values.data());
    return values;
}

template <typename E>
E evaluate(const Functional<E>& functional, const Layout& layout, std::span<const E> point) {
    return inner_product(functional, layout.weights(point));
}

template <typename E>
std::optional<SplitWeights<E>> split(const Functional<E>& functional, const Layout& layout) {
    const std::vector<Axis>& outer = layout.groups[0];
    if (outer.empty()) return SplitWeights<E>{{functional.total()}, {E(std::uint64_t{1})}};  // a scalar
    const auto is_outer = [&](Axis axis) { return std::ranges::find(outer, axis) != outer.end(); };
    Functional<E> inner{functional.shape, {{outer, {E(std::uint64_t{1})}}}};
    for (const Axis axis : outer)
        inner.shape[axis] = 1;
    for (const Factor<E>& factor : functional.factors) {
        const auto among = std::ranges::count_if(factor.axes, is_outer);
        if (among != 0 && among != std::ssize(factor.axes)) return std::nullopt;
        if (among == 0 && !factor.axes.empty()) inner.factors.push_back(factor);
    }
    SplitWeights<E> result;
    result.inner.resize(std::size_t{1} << layout.inner_bits());
    const std::vector<E> weights = inner.expand();
    Layout{inner.shape, layout.groups, 0}.for_each(
        [&](std::uint64_t element, std::uint64_t position) { result.inner[position] = weights[element]; });
    result.outer = functional.vector_over(outer);
    return result;
}

template <typename E>
void add(const Functional<E>& functional, const Layout& layout, std::span<E> table) {
    const auto parts = split(functional, layout);
    if (!parts) {
        const std::vector<E> weights = functional.expand();
        layout.for_each(
            [&](std::uint64_t element, std::uint64_t position) { table[position] += weights[element]; });
        return;
    }
    E* block = table.data() + layout.base;
    for (const E& outer : parts->outer) {
        for (std::size_t k = 0; k < parts->inner.size(); ++k)
            block[k] += outer * parts->inner[k];
        block += parts->inner.size();
    }
}

#define VALENCE_ZK_INSTANTIATE(E)                                                       \
    template std::vector<E> eq_range(std::span<const E>, std::uint64_t, std::uint64_t); \
    template E evaluate(const Functional<E>&, const Layout&, std::span<const E>);       \
    template void add(const Functional<E>&, const Layout&, std::span<E>);               \
    template std::optional<SplitWeights<E>> split(const Functional<E>&, const Layout&); \
    template Functional<E> Layout::weights<E>(std::span<const E>) const;                \
    template class PointWeights<E>;
VALENCE_ZK_INSTANTIATE(Extension2)
VALENCE_ZK_INSTANTIATE(Extension3)

}  // namespace valence::zk
