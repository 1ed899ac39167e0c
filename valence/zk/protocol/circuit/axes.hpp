// Axes of tensors, and groups of them.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "valence/ml/graph/shape.hpp"

namespace valence::zk {

using Axis = std::uint8_t;
using AxisGroups = std::vector<std::vector<Axis>>;

/// Places of these axes together.
inline std::uint64_t extent_of(const ml::Shape& shape, std::span<const Axis> axes) {
    std::uint64_t count = 1;
    for (const Axis axis : axes)
        count *= shape[axis];
    return count;
}

/// Bits that number so many things.
inline int log2_ceil(std::uint64_t count) {
    return count <= 1 ? 0 : static_cast<int>(std::bit_width(count - 1));
}

}  // namespace valence::zk
