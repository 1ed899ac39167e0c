#include "valence/zk/protocol/circuit/layout.hpp"

#include <algorithm>
#include <bit>

#include "valence/base/result.hpp"
#include "valence/zk/protocol/circuit/work_meter.hpp"
#include "valence/zk/protocol/field/sum_of_products.hpp"

namespace valence::zk {
namespace {

/// Blocks of at most 2^kBlockBits values are kept.
constexpr std::size_t kBlockBits = 10;

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
    Functional<E> result{layout.shape, {}};
    result.factors.push_back({layout.groups[0], values(first_group(layout, point_.size()))});
    add_inner_groups(layout, result);
    return result;
}

template <typename E>
E PointWeights<E>::product(const Functional<E>& functional, const Layout& layout) {
    const std::vector<Axis>& outer = layout.groups[0];
    const auto along =
        std::ranges::find_if(functional.factors, [&](const auto& factor) { return factor.axes == outer; });
    if (outer.empty() || along == functional.factors.end()) return inner_product(functional, of(layout));
    const Range range = first_group(layout, point_.size());
    entry(range);
    WorkMeter::spend(range.count);
    const std::span<const E> list(along->values.list());
    E sum;
    for_each_block(range, [&](std::uint64_t place, const std::vector<E>& block, const E& scale) {
        sum += scale * sum_of_products<E>(list.subspan(place, block.size()), block);
    });
    Functional<E> inner{layout.shape, {}};
    add_inner_groups(layout, inner);
    return sum * inner_product(functional, inner, outer[0]);
}

template <typename E>
typename PointWeights<E>::Range PointWeights<E>::first_group(const Layout& layout, std::size_t variables) {
    const std::size_t after = layout.inner_bits();
    return {after, variables - after, layout.base >> after, extent_of(layout.shape, layout.groups[0])};
}

template <typename E>
void PointWeights<E>::add_inner_groups(const Layout& layout, Functional<E>& to) {
    std::size_t after = layout.inner_bits();
    for (std::size_t g = 1; g < layout.groups.size(); ++g) {
        const std::uint64_t extent = extent_of(layout.shape, layout.groups[g]);
        const auto bits = static_cast<std::size_t>(log2_ceil(extent));
        after -= bits;
        to.factors.push_back({layout.groups[g], values({after, bits, 0, extent})});
    }
}

template <typename E>
SharedValues<E> PointWeights<E>::values(const Range& range) {
    SharedValues<E>& known = entry(range);
    if (known.size() == range.count) return known;
    std::vector<E> values(range.count);
    fill_eq_range<E>(coordinates(range.after, range.bits), range.begin, range.begin + range.count,
                     E(std::uint64_t{1}), values.data());
    return known = std::move(values);
}

template <typename E>
SharedValues<E>& PointWeights<E>::entry(const Range& range) {
    const auto [found, fresh] = known_.try_emplace(range);
    if (fresh) WorkMeter::spend(range.count);
    VALENCE_CHECK(range.begin + range.count <= std::uint64_t{1} << range.bits);
    return found->second;
}

template <typename E>
template <typename Visit>
void PointWeights<E>::for_each_block(const Range& range, const Visit& visit) {
    // The halves of what is left that the range meets, down to what it has all of.
    const auto descend = [&](const auto& self, std::size_t bits, std::uint64_t begin, std::uint64_t end,
                             std::uint64_t place, const E& scale) -> void {
        const std::uint64_t half = (std::uint64_t{1} << bits) / 2;
        if (begin == 0 && end == std::uint64_t{1} << bits && bits <= kBlockBits)
            return visit(place, block(range.after, bits), scale);
        const E high = scale * point_[point_.size() - range.after - bits];
        if (begin < half) self(self, bits - 1, begin, std::min(end, half), place, scale - high);
        if (end > half)
            self(self, bits - 1, std::max(begin, half) - half, end - half,
                 place + std::max(begin, half) - begin, high);
    };
    if (range.count != 0)
        descend(descend, range.bits, range.begin, range.begin + range.count, 0, E(std::uint64_t{1}));
}

template <typename E>
const std::vector<E>& PointWeights<E>::block(std::size_t after, std::size_t bits) {
    const auto [found, fresh] = blocks_.try_emplace({after, bits});
    if (fresh) {
        found->second.resize(std::size_t{1} << bits);
        fill_eq_range<E>(coordinates(after, bits), 0, found->second.size(), E(std::uint64_t{1}),
                         found->second.data());
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
