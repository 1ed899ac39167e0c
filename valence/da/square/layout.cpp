#include "valence/da/square/layout.hpp"

#include <algorithm>
#include <bit>

namespace valence::da {

std::size_t round_up_to_power_of_two(std::size_t value) {
    return std::bit_ceil(std::max<std::size_t>(1, value));
}

std::size_t square_width_for(std::size_t shares) {
    std::size_t width = 1;
    while (width * width < shares)
        width *= 2;
    return width;
}

std::size_t subtree_width(std::size_t shares, std::size_t threshold) {
    return std::min(round_up_to_power_of_two((shares + threshold - 1) / threshold), square_width_for(shares));
}

std::size_t next_blob_index(std::size_t cursor, std::size_t shares, std::size_t threshold) {
    const auto width = subtree_width(shares, threshold);
    return (cursor + width - 1) / width * width;
}

std::vector<std::size_t> mountain_sizes(std::size_t shares, std::size_t width) {
    std::vector<std::size_t> sizes;
    while (shares != 0) {
        sizes.push_back(std::min(width, std::bit_floor(shares)));
        shares -= sizes.back();
    }
    return sizes;
}

}  // namespace valence::da
