#include "valence/zk/protocol/circuit/pull_back.hpp"

#include <algorithm>
#include <ranges>

#include "valence/base/result.hpp"
#include "valence/zk/protocol/circuit/work_meter.hpp"

namespace valence::zk {
namespace {

/// Calls visit(flat, place) for each place of the listed axes in row-major order; place holds their
/// coordinates.
template <typename Visit>
void for_each(const ml::Shape& shape, std::span<const Axis> axes, Visit visit) {
    std::vector<std::uint32_t> place(axes.size(), 0);
    const std::size_t count = extent_of(shape, axes);
    for (std::size_t flat = 0; flat < count; ++flat) {
        visit(flat, place);
        for (std::size_t k = axes.size(); k-- > 0;) {
            if (++place[k] < shape[axes[k]]) break;
            place[k] = 0;
        }
    }
}

/// Where the axes of `part` stand among those of `whole`.
std::vector<std::size_t> positions_in(std::span<const Axis> part, std::span<const Axis> whole) {
    std::vector<std::size_t> positions;
    for (const Axis axis : part)
        positions.push_back(static_cast<std::size_t>(std::ranges::find(whole, axis) - whole.begin()));
    return positions;
}

/// Changes the extent of one axis of a functional: weight `w` of the old place j goes to the new place
/// sources[j].
template <typename E>
Functional<E> scatter(const Functional<E>& on, Axis axis, std::uint32_t extent,
                      std::span<const std::int64_t> sources) {
    Functional<E> result = on;
    result.shape[axis] = extent;
    for (Factor<E>& factor : result.factors) {
        const auto found = std::ranges::find(factor.axes, axis);
        if (found == factor.axes.end()) continue;
        const auto at = static_cast<std::size_t>(found - factor.axes.begin());
        const std::span<const Axis> axes(factor.axes);
        const std::size_t before = extent_of(on.shape, axes.first(at));
        const std::size_t after = extent_of(on.shape, axes.subspan(at + 1));
        const std::vector<E>& old = factor.values;
        WorkMeter::spend(before * (extent + sources.size()) * after);
        std::vector<E> values(before * extent * after);
        for (std::size_t b = 0; b < before; ++b) {
            for (std::size_t j = 0; j < sources.size(); ++j) {
                if (sources[j] < 0) continue;
                const std::size_t from = (b * sources.size() + j) * after;
                const std::size_t to = (b * extent + static_cast<std::size_t>(sources[j])) * after;
                for (std::size_t a = 0; a < after; ++a)
                    values[to + a] += old[from + a];
            }
        }
        factor.values = std::move(values);
    }
    return result;
}

/// Renames axes and puts each factor's values into the new order.
template <typename E>
Functional<E> rename(const Functional<E>& on, const ml::Shape& to, std::span<const Axis> new_axis) {
    Functional<E> result{to, {}};
    for (const Factor<E>& factor : on.factors) {
        Factor<E> renamed;
        WorkMeter::spend(2 * factor.values.size());
        for (const Axis axis : factor.axes)
            renamed.axes.push_back(new_axis[axis]);
        const std::vector<Axis> unsorted = renamed.axes;
        std::ranges::sort(renamed.axes);
        if (unsorted == renamed.axes) {
            renamed.values = factor.values;
            result.factors.push_back(std::move(renamed));
            continue;
        }
        const auto positions = positions_in(unsorted, renamed.axes);
        const std::vector<E>& old = factor.values;
        std::vector<E> values(old.size());
        for_each(to, renamed.axes, [&](std::size_t flat, const auto& place) {
            std::size_t at = 0;
            for (std::size_t k = 0; k < unsorted.size(); ++k)
                at = at * to[unsorted[k]] + place[positions[k]];
            values[flat] = old[at];
        });
        renamed.values = std::move(values);
        result.factors.push_back(std::move(renamed));
    }
    return result;
}

std::vector<Axis> axis_range(std::size_t first, std::size_t last) {
    std::vector<Axis> axes;
    for (std::size_t axis = first; axis < last; ++axis)
        axes.push_back(static_cast<Axis>(axis));
    return axes;
}

}  // namespace

template <typename E>
Functional<E> pull_back_reshape(const Functional<E>& on, const ml::Shape& from) {
    // Walks both shapes side by side; wherever their products meet, the axes passed since the last meeting
    // hold the same elements in the same order.
    Functional<E> result{from, {}};
    Functional<E> left = on;
    // Groups of axes of y, each with the group of x that it is.
    std::vector<std::pair<std::vector<Axis>, std::vector<Axis>>> groups;
    std::size_t y = 0;
    std::size_t x = 0;
    while (y < on.shape.rank() || x < from.rank()) {
        const std::size_t first_y = y;
        const std::size_t first_x = x;
        std::uint64_t product_y = y < on.shape.rank() ? on.shape[y++] : 1;
        std::uint64_t product_x = x < from.rank() ? from[x++] : 1;
        while (product_y != product_x) {
            if (product_y < product_x)
                product_y *= on.shape[y++];
            else
                product_x *= from[x++];
        }
        groups.emplace_back(axis_range(first_y, y), axis_range(first_x, x));
    }
    // A factor may cover axes of several groups: then those groups are one.
    for (std::size_t g = 0; g < groups.size();) {
        auto& [group_y, group_x] = groups[g];
        left = left.joined(group_y);
        bool grew = false;
        if (!group_y.empty()) {
            const std::vector<Axis> covered = left.factor_of(group_y[0]).axes;
            for (std::size_t h = groups.size(); h-- > 0;) {
                if (h == g || groups[h].first.empty()) continue;
                if (std::ranges::find(covered, groups[h].first[0]) == covered.end()) continue;
                group_y.insert(group_y.end(), groups[h].first.begin(), groups[h].first.end());
                group_x.insert(group_x.end(), groups[h].second.begin(), groups[h].second.end());
                groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(h));
                grew = true;
                break;
            }
        }
        if (grew) {
            g = 0;
            continue;
        }
        ++g;
    }
    E scale(std::uint64_t{1});
    for (auto& [group_y, group_x] : groups) {
        std::ranges::sort(group_y);
        std::ranges::sort(group_x);
        SharedValues<E> values =
            group_y.empty() ? SharedValues<E>{E(std::uint64_t{1})} : left.vector_over(group_y);
        if (group_x.empty())
            scale *= values[0];
        else
            result.factors.push_back({group_x, std::move(values)});
    }
    for (const auto& factor : on.factors) {
        if (factor.axes.empty()) scale *= factor.values[0];
    }
    return result.scaled(scale);
}

template <typename E>
Functional<E> pull_back_transpose(const Functional<E>& on, std::span<const std::uint8_t> permutation) {
    ml::Shape from = on.shape;
    for (std::size_t k = 0; k < permutation.size(); ++k)
        from[permutation[k]] = on.shape[k];
    return rename(on, from, permutation);
}

template <typename E>
Functional<E> pull_back_places(const Functional<E>& on, Axis axis, std::uint32_t extent,
                               std::span<const std::int64_t> sources) {
    VALENCE_CHECK(sources.size() == on.shape[axis]);
    return scatter(on, axis, extent, sources);
}

template <typename E>
Functional<E> pull_back_broadcast(const Functional<E>& on, const ml::Shape& from) {
    const std::size_t missing = on.shape.rank() - from.rank();
    Functional<E> narrowed = on;
    for (std::size_t axis = 0; axis < on.shape.rank(); ++axis) {
        const std::uint32_t wanted = axis < missing ? 1 : from[axis - missing];
        if (wanted == on.shape[axis]) continue;
        const std::vector<std::int64_t> zeros(on.shape[axis], 0);
        narrowed = scatter(narrowed, static_cast<Axis>(axis), 1, zeros);
    }
    return pull_back_reshape(narrowed, from);
}

template <typename E>
Functional<E> pull_back_sum(const Functional<E>& on, const ml::Shape& from) {
    Functional<E> result = on;
    for (std::size_t axis = 0; axis < from.rank(); ++axis) {
        if (from[axis] == on.shape[axis]) continue;
        Factor<E>& factor = const_cast<Factor<E>&>(result.factor_of(static_cast<Axis>(axis)));
        const auto found = std::ranges::find(factor.axes, static_cast<Axis>(axis));
        const std::span<const Axis> axes(factor.axes);
        const auto at = static_cast<std::size_t>(found - factor.axes.begin());
        const std::size_t after = extent_of(result.shape, axes.subspan(at + 1));
        const std::vector<E>& old = factor.values;
        std::vector<E> values;
        WorkMeter::spend(std::uint64_t{old.size()} * from[axis]);
        values.reserve(old.size() * from[axis]);
        for (std::size_t begin = 0; begin < old.size(); begin += after) {
            for (std::uint32_t j = 0; j < from[axis]; ++j)
                values.insert(values.end(), old.begin() + static_cast<std::ptrdiff_t>(begin),
                              old.begin() + static_cast<std::ptrdiff_t>(begin + after));
        }
        factor.values = std::move(values);
        result.shape[axis] = from[axis];
    }
    return result;
}

template <typename E>
Functional<E> pull_back_multiply(const Functional<E>& on, Axis axis,
                                 std::span<const std::int64_t> multipliers) {
    Functional<E> result = on;
    for (Factor<E>& factor : result.factors) {
        const auto found = std::ranges::find(factor.axes, axis);
        if (found == factor.axes.end()) continue;
        const std::span<const Axis> axes(factor.axes);
        const auto at = static_cast<std::size_t>(found - factor.axes.begin());
        const std::size_t after = extent_of(on.shape, axes.subspan(at + 1));
        WorkMeter::spend(factor.values.size());
        std::vector<E>& values = factor.values.own();
        for (std::size_t k = 0; k < values.size(); ++k)
            values[k] *= Goldilocks::of(multipliers[k / after % multipliers.size()]);
    }
    return result;
}

#define VALENCE_ZK_INSTANTIATE(E)                                                                    \
    template Functional<E> pull_back_reshape(const Functional<E>&, const ml::Shape&);                \
    template Functional<E> pull_back_transpose(const Functional<E>&, std::span<const std::uint8_t>); \
    template Functional<E> pull_back_places(const Functional<E>&, Axis, std::uint32_t,               \
                                            std::span<const std::int64_t>);                          \
    template Functional<E> pull_back_broadcast(const Functional<E>&, const ml::Shape&);              \
    template Functional<E> pull_back_sum(const Functional<E>&, const ml::Shape&);                    \
    template Functional<E> pull_back_multiply(const Functional<E>&, Axis, std::span<const std::int64_t>);
VALENCE_ZK_INSTANTIATE(Extension2)
VALENCE_ZK_INSTANTIATE(Extension3)
#undef VALENCE_ZK_INSTANTIATE

}  // namespace valence::zk
