#include "valence/zk/prover/functional_table.hpp"

#include <algorithm>

#include "valence/zk/prover/parallel.hpp"
#include "valence/zk/prover/polynomial/multilinear.hpp"

namespace valence::zk {
namespace {

/// Elements of a row from which on vectors pay.
constexpr std::size_t kLongRow = 8;
/// Values up to which factors are joined to make rows longer.
constexpr std::size_t kSmallTable = 4096;

/// A factor's values in the order in which the axes lie.
template <typename E>
struct Weights {
    std::vector<Axis> axes;  // in that order
    std::vector<E> values;   // row-major over `axes`
};

template <typename E>
class RowsOf {
public:
    RowsOf(const Functional<E>& functional, const Layout& layout)
        : shape_(functional.shape), position_step_(layout.steps()) {
        for (const auto& group : layout.groups) {
            for (const Axis axis : group) {
                if (shape_[axis] > 1) order_.push_back(axis);
            }
        }
        for (const Factor<E>& factor : functional.factors)
            add_factor(factor);
        base_ = layout.base;
    }

    void add_to(std::span<E> table) {
        if (order_.empty()) {
            table[base_] += scale_;
            return;
        }
        gather_row();
        // The other factors' product, with what no axis tells apart.
        Weights<E> rest{{}, {scale_}};
        for (const Weights<E>& each : others_)
            rest = product(rest, each);

        const Rows rows{rest, {order_.data(), order_.size() - row_axes_}};
        std::size_t count = 1;
        for (const Axis axis : rows.outer)
            count *= shape_[axis];
        if (count == 1) {
            in_parallel(row_length_, 2, [&](std::size_t begin, std::size_t end) {
                add_multiple<E>(std::span<const E>(rows_.values).subspan(begin, end - begin), rest.values[0],
                                table.data() + base_ + begin);
            });
            return;
        }
        in_parallel(count, 10 + 2 * row_length_,
                    [&](std::size_t begin, std::size_t end) { add_rows(rows, begin, end, table); });
    }

private:
    struct Rows {
        const Weights<E>& rest;
        /// The axes outside of a row, of which each place has a row.
        std::span<const Axis> outer;
    };
    /// Rows `begin` … `end` − 1 in the order of their places.
    void add_rows(const Rows& rows, std::size_t begin, std::size_t end, std::span<E> table) const {
        const auto& [rest, outer] = rows;
        const auto in_rest = steps_in(rest, outer);
        const auto in_rows = steps_in(rows_, outer);
        std::vector<std::uint32_t> at(outer.size(), 0);
        std::size_t of_rest = 0;
        std::size_t of_rows = 0;
        std::uint64_t position = base_;
        const auto move = [&](std::size_t k, std::uint32_t steps) {
            of_rest += in_rest[k] * steps;
            of_rows += in_rows[k] * steps;
            position += position_step_[outer[k]] * steps;
            at[k] += steps;
        };
        for (std::size_t k = outer.size(), number = begin; k-- > 0; number /= shape_[outer[k]])
            move(k, static_cast<std::uint32_t>(number % shape_[outer[k]]));
        for (std::size_t row = begin; row < end; ++row) {
            add_multiple<E>(std::span<const E>(rows_.values).subspan(of_rows, row_length_),
                            rest.values[of_rest], table.data() + position);
            for (std::size_t k = outer.size(); k-- > 0;) {
                move(k, 1);
                if (at[k] < shape_[outer[k]]) break;
                of_rest -= in_rest[k] * at[k];
                of_rows -= in_rows[k] * at[k];
                position -= position_step_[outer[k]] * at[k];
                at[k] = 0;
            }
        }
    }

    std::size_t place_of(Axis axis) const {
        return static_cast<std::size_t>(std::ranges::find(order_, axis) - order_.begin());
    }

    void add_factor(const Factor<E>& factor) {
        Weights<E> weights;
        for (const Axis axis : factor.axes) {
            if (shape_[axis] > 1) weights.axes.push_back(axis);
        }
        if (weights.axes.empty()) {
            scale_ *= factor.values[0];
            return;
        }
        const std::vector<Axis> ascending = weights.axes;
        std::ranges::sort(weights.axes, {}, [&](Axis axis) { return place_of(axis); });
        if (weights.axes == ascending) {
            weights.values = factor.values;
        } else {
            const Weights<E> stored{ascending, {}};
            weights.values.resize(factor.values.size());
            const auto step = steps_in(stored, weights.axes);
            for_each_place(weights.axes, step, [&](std::size_t flat, std::size_t from) {
                weights.values[flat] = factor.values[from];
            });
        }
        others_.push_back(std::move(weights));
    }

    /// How far a step along each of `axes` moves in weights.
    std::vector<std::size_t> steps_in(const Weights<E>& weights, std::span<const Axis> axes) const {
        std::vector<std::size_t> step(axes.size(), 0);
        std::size_t stride = 1;
        for (std::size_t k = weights.axes.size(); k-- > 0;) {
            const auto found = std::ranges::find(axes, weights.axes[k]);
            if (found != axes.end()) step[static_cast<std::size_t>(found - axes.begin())] = stride;
            stride *= shape_[weights.axes[k]];
        }
        return step;
    }
    template <typename Visit>
    void for_each_place(std::span<const Axis> axes, std::span<const std::size_t> step, Visit visit) const {
        std::vector<std::uint32_t> at(axes.size(), 0);
        std::size_t count = 1;
        for (const Axis axis : axes)
            count *= shape_[axis];
        std::size_t from = 0;
        for (std::size_t flat = 0; flat < count; ++flat) {
            visit(flat, from);
            for (std::size_t k = axes.size(); k-- > 0;) {
                from += step[k];
                if (++at[k] < shape_[axes[k]]) break;
                from -= step[k] * at[k];
                at[k] = 0;
            }
        }
    }

    Weights<E> product(const Weights<E>& a, const Weights<E>& b) const {
        if (a.axes.empty() || b.axes.empty()) {
            Weights<E> result = a.axes.empty() ? b : a;
            const E factor = a.axes.empty() ? a.values[0] : b.values[0];
            for (E& value : result.values)
                value *= factor;
            return result;
        }
        Weights<E> result;
        std::ranges::merge(
            a.axes, b.axes, std::back_inserter(result.axes), {}, [&](Axis axis) { return place_of(axis); },
            [&](Axis axis) { return place_of(axis); });
        result.values.resize(a.values.size() * b.values.size());
        const auto in_a = steps_in(a, result.axes);
        const auto in_b = steps_in(b, result.axes);
        for_each_place(result.axes, in_a,
                       [&](std::size_t flat, std::size_t from) { result.values[flat] = a.values[from]; });
        for_each_place(result.axes, in_b,
                       [&](std::size_t flat, std::size_t from) { result.values[flat] *= b.values[from]; });
        return result;
    }

    /// Which of the last axes `rows_` covers without a gap in the positions.
    void find_row() {
        row_axes_ = 0;
        row_length_ = 1;
        while (row_axes_ < order_.size()) {
            const Axis axis = order_[order_.size() - 1 - row_axes_];
            if (std::ranges::find(rows_.axes, axis) == rows_.axes.end()) break;
            if (position_step_[axis] != row_length_) break;
            row_length_ *= shape_[axis];
            ++row_axes_;
        }
    }
    void take(std::size_t other) {
        rows_ = rows_.axes.empty() ? std::move(others_[other]) : product(rows_, others_[other]);
        others_.erase(others_.begin() + static_cast<std::ptrdiff_t>(other));
        find_row();
    }
    /// The factor of the innermost axis, and more while rows are short.
    void gather_row() {
        const auto covering = [&](Axis axis) {
            return static_cast<std::size_t>(
                std::ranges::find_if(others_,
                                     [&](const Weights<E>& each) {
                                         return std::ranges::find(each.axes, axis) != each.axes.end();
                                     }) -
                others_.begin());
        };
        take(covering(order_.back()));
        while (row_length_ < kLongRow && row_axes_ < order_.size()) {
            const Axis next = order_[order_.size() - 1 - row_axes_];
            const std::size_t other = covering(next);
            if (other == others_.size() || position_step_[next] != row_length_) return;
            if (rows_.values.size() * others_[other].values.size() > kSmallTable) return;
            take(other);
        }
    }

    const ml::Shape& shape_;
    std::vector<std::uint64_t> position_step_;
    std::vector<Axis> order_;  // as they lie, those of extent 1 left out
    std::uint64_t base_ = 0;
    E scale_{std::uint64_t{1}};
    std::vector<Weights<E>> others_;
    Weights<E> rows_;
    std::size_t row_axes_ = 0;
    std::size_t row_length_ = 1;
};

}  // namespace

template <typename E>
void add_weights(const Functional<E>& functional, const Layout& layout, std::span<E> table) {
    RowsOf<E>(functional, layout).add_to(table);
}

template void add_weights(const Functional<Extension2>&, const Layout&, std::span<Extension2>);
template void add_weights(const Functional<Extension3>&, const Layout&, std::span<Extension3>);

}  // namespace valence::zk
