#include "valence/zk/protocol/circuit/functional.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <ranges>

#include "valence/base/result.hpp"
#include "valence/zk/protocol/circuit/work_meter.hpp"
#include "valence/zk/protocol/field/sum_of_products.hpp"

namespace valence::zk {
namespace {

/// Of two factors that differ at once, in numbers touched.
constexpr std::uint64_t kComparison = 4;

std::size_t extent_of(const ml::Shape& shape, std::span<const Axis> axes) {
    std::size_t count = 1;
    for (const Axis axis : axes)
        count *= shape[axis];
    return count;
}

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

/// How far a step along each of `axes` moves in a factor.
template <typename E>
std::vector<std::size_t> steps_in(const Factor<E>& factor, const ml::Shape& shape,
                                  std::span<const Axis> axes) {
    std::vector<std::size_t> step(axes.size(), 0);
    std::size_t stride = 1;
    for (std::size_t k = factor.axes.size(); k-- > 0;) {
        step[static_cast<std::size_t>(std::ranges::find(axes, factor.axes[k]) - axes.begin())] = stride;
        stride *= shape[factor.axes[k]];
    }
    return step;
}

template <typename E>
Factor<E> join_two(const ml::Shape& shape, const Factor<E>& a, const Factor<E>& b) {
    Factor<E> joint;
    std::ranges::merge(a.axes, b.axes, std::back_inserter(joint.axes));
    if (joint.axes.empty()) {
        joint.values = {a.values[0] * b.values[0]};
        return joint;
    }
    const std::size_t size = extent_of(shape, joint.axes);
    const std::vector<E>& of_a = a.values;
    const std::vector<E>& of_b = b.values;
    std::vector<E> values;
    WorkMeter::spend(size);
    values.reserve(size);
    const auto in_a = steps_in(a, shape, joint.axes);
    const auto in_b = steps_in(b, shape, joint.axes);
    const std::size_t inner = shape[joint.axes.back()];
    const std::size_t a_step = in_a.back(), b_step = in_b.back();
    std::vector<std::uint32_t> place(joint.axes.size(), 0);
    std::size_t at_a = 0, at_b = 0;
    for (std::size_t flat = 0; flat < size; flat += inner) {
        for (std::size_t k = 0; k < inner; ++k)
            values.push_back(of_a[at_a + k * a_step] * of_b[at_b + k * b_step]);
        for (std::size_t k = place.size() - 1; k-- > 0;) {
            at_a += in_a[k];
            at_b += in_b[k];
            if (++place[k] < shape[joint.axes[k]]) break;
            at_a -= in_a[k] * place[k];
            at_b -= in_b[k] * place[k];
            place[k] = 0;
        }
    }
    joint.values = std::move(values);
    return joint;
}

/// The product of factors as one: the smaller ones first, so that it takes little more than one product for
/// each value.
template <typename E>
Factor<E> join(const ml::Shape& shape, std::span<const Factor<E>* const> factors) {
    std::vector<const Factor<E>*> order(factors.begin(), factors.end());
    std::ranges::stable_sort(order, {}, [](const Factor<E>* factor) { return factor->values.size(); });
    Factor<E> joint = *order[0];
    for (std::size_t k = 1; k < order.size(); ++k)
        joint = join_two(shape, joint, *order[k]);
    return joint;
}

/// The values of that product; in `storage` if there are several factors.
template <typename E>
std::span<const E> joined_values(const ml::Shape& shape, std::span<const Factor<E>* const> factors,
                                 Factor<E>& storage) {
    if (factors.size() == 1) return factors[0]->values.list();
    storage = join<E>(shape, factors);
    return storage.values.list();
}

/// Σ of one factor's values times the product of others, axis by axis from the last: without multiplying
/// these out, which takes twice as long. Nothing if their axes do not follow each other as its own do.
template <typename E>
std::optional<E> contracted(const Factor<E>& one, std::vector<const Factor<E>*> others) {
    std::ranges::sort(others, {}, [](const Factor<E>* factor) { return factor->axes.front(); });
    std::vector<Axis> axes;
    for (const Factor<E>* factor : others)
        axes.insert(axes.end(), factor->axes.begin(), factor->axes.end());
    if (axes != one.axes) return std::nullopt;
    WorkMeter::spend(one.values.size());
    std::vector<E> rest;
    std::span<const E> values(one.values.list());
    for (const Factor<E>* factor : others | std::views::reverse) {
        const std::span<const E> along(factor->values.list());
        std::vector<E> sums(values.size() / along.size());
        for (std::size_t i = 0; i < sums.size(); ++i)
            sums[i] = sum_of_products<E>(values.subspan(i * along.size(), along.size()), along);
        rest = std::move(sums);
        values = rest;
    }
    return values[0];
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
std::uint64_t Functional<E>::size() const {
    std::uint64_t numbers = 0;
    for (const auto& factor : factors)
        numbers += factor.values.size();
    return numbers;
}

template <typename E>
E Functional<E>::total() const {
    WorkMeter::spend(size());
    E product(std::uint64_t{1});
    for (const auto& factor : factors) {
        E sum;
        for (const E& value : factor.values)
            sum += value;
        product *= sum;
    }
    return product;
}

template <typename E>
std::vector<E> Functional<E>::expand() const {
    if (factors.empty()) return {E(std::uint64_t{1})};
    std::vector<const Factor<E>*> all;
    for (const auto& factor : factors)
        all.push_back(&factor);
    return join<E>(shape, all).values.list();
}

template <typename E>
Functional<E> Functional<E>::scaled(const E& by) const {
    WorkMeter::spend(size());
    Functional result = *this;
    if (result.factors.empty()) result.factors.push_back({{}, {E(std::uint64_t{1})}});
    // The smallest factor, since each of its values is touched.
    auto& smallest = *std::ranges::min_element(result.factors, {},
                                               [](const Factor<E>& factor) { return factor.values.size(); });
    for (E& value : smallest.values.own())
        value *= by;
    return result;
}

template <typename E>
const Factor<E>& Functional<E>::factor_of(Axis axis) const {
    for (const auto& factor : factors) {
        if (std::ranges::find(factor.axes, axis) != factor.axes.end()) return factor;
    }
    VALENCE_CHECK(false && "every axis has a factor");
    __builtin_unreachable();
}

template <typename E>
Functional<E> Functional<E>::joined(std::span<const Axis> axes) const {
    Functional result{shape, {}};
    std::vector<const Factor<E>*> touched;
    for (const auto& factor : factors) {
        const bool touches = std::ranges::any_of(
            factor.axes, [&](Axis axis) { return std::ranges::find(axes, axis) != axes.end(); });
        if (touches)
            touched.push_back(&factor);
        else
            result.factors.push_back(factor);
    }
    if (!touched.empty()) result.factors.push_back(join<E>(shape, touched));
    return result;
}

template <typename E>
SharedValues<E> Functional<E>::vector_over(std::span<const Axis> axes) const {
    if (axes.empty()) return {E(std::uint64_t{1})};
    for (const Factor<E>& factor : factors) {
        if (std::ranges::equal(factor.axes, axes)) return factor.values;
    }
    const Functional one = joined(axes);
    const Factor<E>& factor = one.factor_of(axes[0]);
    VALENCE_CHECK(std::ranges::equal(factor.axes, axes));
    return factor.values;
}

template <typename E>
E inner_product(const Functional<E>& a, const Functional<E>& b) {
    // Parts: sets of axes that no factor of either straddles.
    std::vector<std::size_t> part(a.shape.rank());
    std::iota(part.begin(), part.end(), std::size_t{0});
    E product(std::uint64_t{1});
    for (const auto* functional : {&a, &b}) {
        for (const auto& factor : functional->factors) {
            if (factor.axes.empty()) product *= factor.values[0];
            for (const Axis axis : factor.axes) {
                const std::size_t from = part[axis];
                const std::size_t to = part[factor.axes[0]];
                for (std::size_t& each : part) {
                    if (each == from) each = to;
                }
            }
        }
    }
    for (std::size_t id = 0; id < part.size(); ++id) {
        std::vector<const Factor<E>*> left;
        std::vector<const Factor<E>*> right;
        for (const auto& factor : a.factors) {
            if (!factor.axes.empty() && part[factor.axes[0]] == id) left.push_back(&factor);
        }
        for (const auto& factor : b.factors) {
            if (!factor.axes.empty() && part[factor.axes[0]] == id) right.push_back(&factor);
        }
        if (left.empty()) continue;
        std::optional<E> sum;
        if (left.size() == 1 && right.size() > 1) sum = contracted<E>(*left[0], right);
        if (right.size() == 1 && left.size() > 1) sum = contracted<E>(*right[0], left);
        if (sum) {
            product *= *sum;
            continue;
        }
        WorkMeter::spend(left[0]->values.size());
        Factor<E> joint_a;
        Factor<E> joint_b;
        product *= sum_of_products<E>(joined_values<E>(a.shape, left, joint_a),
                                      joined_values<E>(b.shape, right, joint_b));
    }
    return product;
}

template <typename E>
bool merge(Functional<E>& a, const Functional<E>& b) {
    if (a.factors.size() != b.factors.size()) return false;
    std::optional<std::size_t> differing;
    for (std::size_t f = 0; f < a.factors.size(); ++f) {
        WorkMeter::spend(kComparison);
        if (a.factors[f].axes != b.factors[f].axes) return false;
        if (a.factors[f].values == b.factors[f].values) {
            WorkMeter::spend(a.factors[f].values.size());
            continue;
        }
        if (differing) return false;
        differing = f;
    }
    if (a.factors.empty()) return false;
    const std::vector<E>& added = b.factors[differing.value_or(0)].values;
    WorkMeter::spend(added.size());
    std::vector<E>& values = a.factors[differing.value_or(0)].values.own();
    for (std::size_t k = 0; k < values.size(); ++k)
        values[k] += added[k];
    return true;
}

template <typename E>
Functional<E> ones(const ml::Shape& shape) {
    Functional<E> result{shape, {}};
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
        result.factors.push_back(
            {{static_cast<Axis>(axis)}, std::vector<E>(shape[axis], E(std::uint64_t{1}))});
    }
    return result;
}

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
    template struct Functional<E>;                                                                   \
    template E inner_product(const Functional<E>&, const Functional<E>&);                            \
    template bool merge(Functional<E>&, const Functional<E>&);                                       \
    template Functional<E> ones<E>(const ml::Shape&);                                                \
    template Functional<E> pull_back_reshape(const Functional<E>&, const ml::Shape&);                \
    template Functional<E> pull_back_transpose(const Functional<E>&, std::span<const std::uint8_t>); \
    template Functional<E> pull_back_places(const Functional<E>&, Axis, std::uint32_t,               \
                                            std::span<const std::int64_t>);                          \
    template Functional<E> pull_back_broadcast(const Functional<E>&, const ml::Shape&);              \
    template Functional<E> pull_back_sum(const Functional<E>&, const ml::Shape&);                    \
    template Functional<E> pull_back_multiply(const Functional<E>&, Axis, std::span<const std::int64_t>);
VALENCE_ZK_INSTANTIATE(Extension2)
VALENCE_ZK_INSTANTIATE(Extension3)

}  // namespace valence::zk
