// BlockTime: which timestamp the next block gets, from the clock and from what dev controls asked for.
// Seconds since the epoch.
#pragma once

#include <cstdint>
#include <optional>

namespace valence::node {

struct BlockTime {
    /// Added to the clock.
    std::int64_t offset = 0;
    /// Of the next block only.
    std::optional<std::uint64_t> next;
    /// Every block exactly this much after its parent; the clock does not count then.
    std::optional<std::uint64_t> interval;

    /// The clock as the chain sees it.
    std::uint64_t now(std::uint64_t clock) const;
    /// Of a block built now on a parent with this timestamp. `least_step` is what the rules ask for between
    /// the two.
    std::uint64_t timestamp(std::uint64_t clock, std::uint64_t parent, std::uint64_t least_step) const;
    /// A block with this timestamp was built: a wish for it alone is fulfilled, and the clock goes on from
    /// there.
    void built(std::uint64_t clock, std::uint64_t timestamp);
};

}  // namespace valence::node
