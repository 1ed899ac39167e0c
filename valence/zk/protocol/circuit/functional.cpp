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
/// So many values that are alike take as long to compare as a number to be touched.
constexpr std::uint64_t kComparedAtOnce = 8;

/// Whether two factors over the same axes are equal. Movements leave lists of zeros with a few values, which
/// are equal for long.
template <typename E>
bool are_equal(const SharedValues<E>& a, const SharedValues<E>& b) {
    if (&a.list() == &b.list()) return true;
    const auto differing = std::ranges::mismatch(a.list(), b.list()).in1;
    WorkMeter::spend(static_cast<std::uint64_t>(differing - a.begin()) / kComparedAtOnce);
    return differing == a.end();
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
    WorkMeter::spend(WorkMeter::kProduct * size);
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
        // Words are added up as integers.
        std::array<base::UInt128, E::kDegree> sums{};
        for (const E& value : factor.values) {
            for (std::size_t i = 0; i < sums.size(); ++i)
                sums[i] += value[i].value();
        }
        typename E::Coefficients reduced;
        std::ranges::transform(sums, reduced.begin(), Goldilocks::reduce);
        product *= E(reduced);
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
    const MultiplesOf<E> times(by);
    for (E& value : smallest.values.own())
        value = times(value);
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
E inner_product(const Functional<E>& a, const Functional<E>& b, std::optional<Axis> left_out) {
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
        if (left_out && part[*left_out] == id) continue;
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
        if (are_equal(a.factors[f].values, b.factors[f].values)) {
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

#define VALENCE_ZK_INSTANTIATE(E)                                                              \
    template struct Functional<E>;                                                             \
    template E inner_product(const Functional<E>&, const Functional<E>&, std::optional<Axis>); \
    template bool merge(Functional<E>&, const Functional<E>&);                                 \
    template Functional<E> ones<E>(const ml::Shape&);
VALENCE_ZK_INSTANTIATE(Extension2)
VALENCE_ZK_INSTANTIATE(Extension3)
#undef VALENCE_ZK_INSTANTIATE

}  // namespace valence::zk
