// Where the elements of a tensor lie: in a committed vector, or among the leaves of the sum of fractions. The
// axes are in groups, each flattened; all groups but the first are filled up to powers of two, so that a
// point of the whole vector splits into a part for each group, and functionals that are products over the
// groups are evaluated factor by factor:
//
//     position = base + flat(groups[0])·2^inner + the bits of the others' flat indices, in order
//
// Places that only fill up have no weight in any functional: what a committed vector holds there is of no
// consequence.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "valence/zk/protocol/circuit/functional.hpp"

namespace valence::zk {

struct Layout {
    ml::Shape shape;
    AxisGroups groups;       // every axis once, ascending in each; at least one group
    std::uint64_t base = 0;  // a multiple of 2^inner_bits()

    std::uint8_t inner_bits() const;
    /// Places, those that fill up included.
    std::uint64_t size() const;
    /// The weights eq(point, position of the element), `point` being that of the whole vector: one factor per
    /// group.
    template <typename E>
    Functional<E> weights(std::span<const E> point) const;
    /// Calls visit(row-major number of the element, position) for each element, in row-major order.
    template <typename Visit>
    void for_each(Visit visit) const;
    /// Calls visit(row-major number of the first element, its position, count, step) for runs that cover all
    /// elements: `count` of them with following numbers, their positions `step` apart.
    template <typename Visit>
    void for_each_run(Visit visit) const;
    /// How far one step along each axis moves the position.
    std::vector<std::uint64_t> steps() const;
};

/// The weights of several layouts at one point: they share what they have in common.
template <typename E>
class PointWeights {
public:
    explicit PointWeights(std::span<const E> point) : point_(point.begin(), point.end()) {}
    /// Layout::weights().
    Functional<E> of(const Layout& layout);
    /// inner_product(functional, of(layout)), without writing the weights of the first group down if they are
    /// multiplied by one list.
    E product(const Functional<E>& functional, const Layout& layout);

private:
    /// eq(coordinates, begin + i), i < count, the coordinates being the `bits` that end before the last
    /// `after`.
    struct Range {
        std::size_t after;
        std::size_t bits;
        std::uint64_t begin;
        std::uint64_t count;
        auto operator<=>(const Range&) const = default;
    };
    static Range first_group(const Layout& layout, std::size_t variables);
    /// Adds the factors of all groups but the first.
    void add_inner_groups(const Layout& layout, Functional<E>& to);

    std::span<const E> coordinates(std::size_t after, std::size_t bits) const {
        return std::span<const E>(point_).subspan(point_.size() - after - bits, bits);
    }
    SharedValues<E> values(const Range& range);
    /// Counts a range's numbers when it is first asked for.
    SharedValues<E>& entry(const Range& range);
    /// Calls visit(place, block, scale) for pieces of the range: from `place` on its values are
    /// scale·block[i].
    template <typename Visit>
    void for_each_block(const Range& range, const Visit& visit);
    /// eq(coordinates, ·) of all places, for the `bits` coordinates that end before the last `after`.
    const std::vector<E>& block(std::size_t after, std::size_t bits);

    std::vector<E> point_;
    std::map<Range, SharedValues<E>> known_;
    std::map<std::pair<std::size_t, std::size_t>, std::vector<E>> blocks_;
};

/// Puts layouts one after the other, those with the largest inner blocks first, in order among equals; sets
/// each base. Gives the end of the last.
std::uint64_t place(std::span<Layout* const> layouts);

/// The multilinear extension at `point` (of the whole vector's variables) of the vector that has the
/// functional's weights where the layout puts the elements, and 0 elsewhere.
template <typename E>
E evaluate(const Functional<E>& functional, const Layout& layout, std::span<const E> point);
/// A functional as the product of a vector over the places of the first group and one over those of a block.
template <typename E>
struct SplitWeights {
    std::vector<E> outer;
    std::vector<E> inner;  // 2^inner_bits(), 0 where places only fill up
};
/// Nothing if a factor covers axes both of the first group and of others.
template <typename E>
std::optional<SplitWeights<E>> split(const Functional<E>& functional, const Layout& layout);

/// Adds that vector to `table`.
template <typename E>
void add(const Functional<E>& functional, const Layout& layout, std::span<E> table);

/// eq(point, i) for begin ≤ i < begin + count.
template <typename E>
std::vector<E> eq_range(std::span<const E> point, std::uint64_t begin, std::uint64_t count);

template <typename Visit>
void Layout::for_each(Visit visit) const {
    for_each_run([&](std::uint64_t element, std::uint64_t position, std::uint64_t count, std::uint64_t step) {
        for (std::uint64_t k = 0; k < count; ++k)
            visit(element + k, position + k * step);
    });
}

template <typename Visit>
void Layout::for_each_run(Visit visit) const {
    const std::vector<std::uint64_t> step = steps();
    // The last axes that are passed over in equal steps make up a run.
    std::size_t outer = shape.rank();
    std::uint64_t run = 1;
    std::uint64_t run_step = 1;
    while (outer > 0) {
        const std::uint32_t extent = shape[outer - 1];
        if (extent > 1) {
            if (run > 1 && step[outer - 1] != run * run_step) break;
            if (run == 1) run_step = step[outer - 1];
            run *= extent;
        }
        --outer;
    }
    std::vector<std::uint32_t> at(outer, 0);
    std::uint64_t position = base;
    const std::uint64_t count = shape.elements();
    for (std::uint64_t element = 0; element < count; element += run) {
        visit(element, position, run, run_step);
        for (std::size_t axis = outer; axis-- > 0;) {
            position += step[axis];
            if (++at[axis] < shape[axis]) break;
            position -= step[axis] * at[axis];
            at[axis] = 0;
        }
    }
}

}  // namespace valence::zk
