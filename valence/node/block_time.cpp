#include "valence/node/block_time.hpp"

#include <algorithm>

namespace valence::node {

std::uint64_t BlockTime::now(std::uint64_t clock) const {
    const auto shifted = static_cast<std::int64_t>(clock) + offset;
    return shifted < 0 ? 0 : static_cast<std::uint64_t>(shifted);
}

std::uint64_t BlockTime::timestamp(std::uint64_t clock, std::uint64_t parent,
                                   std::uint64_t least_step) const {
    if (next) return std::max(*next, parent + least_step);
    if (interval) return parent + std::max(*interval, least_step);
    return std::max(now(clock), parent + least_step);
}

void BlockTime::built(std::uint64_t clock, std::uint64_t timestamp) {
    if (!next) return;
    next.reset();
    offset = static_cast<std::int64_t>(timestamp) - static_cast<std::int64_t>(clock);
}

}  // namespace valence::node
