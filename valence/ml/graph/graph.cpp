#include "valence/ml/graph/graph.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace valence::ml {

std::string to_string(const Shape& shape) {
    return shape.rank() == 0 ? "scalar" : fmt::format("{}", fmt::join(shape.extents(), "x"));
}

std::int64_t Weight::operator[](std::size_t position) const {
    const std::size_t size = width(type);
    std::uint64_t bits = 0;
    for (std::size_t k = 0; k < size; ++k)
        bits |= std::uint64_t{data[position * size + k]} << (8 * k);
    switch (type) {
        case WeightType::int8:
            return static_cast<std::int8_t>(bits);
        case WeightType::int16:
            return static_cast<std::int16_t>(bits);
        case WeightType::int32:
            return static_cast<std::int32_t>(bits);
        case WeightType::int64:
            return static_cast<std::int64_t>(bits);
        case WeightType::uint8:
            return static_cast<std::int64_t>(bits);
    }
    return 0;
}

}  // namespace valence::ml
