// The value of a tensor in the reference interpreter, and the walk over its elements. Everything is an
// int64: whether an element is an activation or an index only decides its bounds.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "valence/ml/graph/graph.hpp"

namespace valence::ml {

/// The element type, shape and elements (row-major) of one tensor.
struct Values {
    ElementType type = ElementType::activation;
    Shape shape;
    std::vector<std::int64_t> data;
    bool operator==(const Values&) const = default;
};

namespace reference {

/// A coordinate on each axis; those past the rank are 0.
using Place = std::array<std::uint32_t, kMaxRank>;

/// Where `place` lies in row-major order.
inline std::size_t position(const Shape& shape, const Place& place) {
    std::size_t at = 0;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis)
        at = at * shape[axis] + place[axis];
    return at;
}

/// Calls visit(place) for every place of `shape`, in row-major order.
template <typename Visit>
void for_each_place(const Shape& shape, Visit visit) {
    Place place{};
    for (std::uint64_t left = shape.elements(); left > 0; --left) {
        visit(place);
        for (std::size_t axis = shape.rank(); axis-- > 0;) {
            if (++place[axis] < shape[axis]) break;
            place[axis] = 0;
        }
    }
}

/// The place of `from` that broadcasting puts at `place` of `to`: axes are aligned on the right, and extents
/// of 1 repeat.
inline Place broadcast_place(const Shape& from, const Shape& to, const Place& place) {
    Place source{};
    const std::size_t missing = to.rank() - from.rank();
    for (std::size_t axis = 0; axis < from.rank(); ++axis)
        source[axis] = from[axis] == 1 ? 0 : place[missing + axis];
    return source;
}

inline std::int64_t& at(Values& values, const Place& place) {
    return values.data[position(values.shape, place)];
}
inline std::int64_t at(const Values& values, const Place& place) {
    return values.data[position(values.shape, place)];
}
inline std::int64_t at(const Weight& weight, const Place& place) {
    return weight[position(weight.shape, place)];
}

/// The element of `from`, a tensor or a weight, that broadcasting to `to` puts at `place`.
template <typename From>
std::int64_t broadcast(const From& from, const Shape& to, const Place& place) {
    return at(from, broadcast_place(from.shape, to, place));
}

/// min(max(value, low), high)
inline std::int64_t clamp(std::int64_t value, std::int64_t low, std::int64_t high) {
    return value < low ? low : value > high ? high : value;
}

/// ⌊a / b⌋ for b > 0.
inline std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

inline constexpr std::int64_t kLeast = -32768;
inline constexpr std::int64_t kLargest = 32767;

/// (t + 2^(shift−1)) >> shift: division by 2^shift, rounded half up.
inline std::int64_t shift_round(std::int64_t t, std::uint32_t shift) {
    return shift == 0 ? t : (t + (std::int64_t{1} << (shift - 1))) >> shift;
}

inline std::int64_t requantise(std::int64_t t, const Requantisation& to) {
    return clamp(shift_round(t, to.shift), to.low, to.high);
}

}  // namespace reference
}  // namespace valence::ml
