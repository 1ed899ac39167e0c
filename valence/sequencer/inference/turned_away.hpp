// TurnedAway: transactions that were run in vain. They asked for outcomes and could not be bound (too cheap,
// no room among those that wait, a model's file is missing), or would have taken what a bound sender owes.
// Such a run costs its sender nothing, so they are run again ever more rarely. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "valence/base/base.hpp"

namespace valence::sequencer {

class TurnedAway {
public:
    /// It was run in vain for the block with this number.
    void add(const Hash& transaction, std::uint64_t block);
    /// Whether it is not to be run for this block.
    bool is_resting(const Hash& transaction, std::uint64_t block) const;
    /// Whether it rests as long as any does.
    bool is_worn_out(const Hash& transaction) const;
    void forget(const Hash& transaction);
    /// Forgets all but those for which keep(hash) holds.
    void retain(const std::function<bool(const Hash&)>& keep);

private:
    /// More than a pool holds.
    static constexpr std::size_t kMost = 65'536;
    /// Blocks that a transaction rests at most.
    static constexpr std::uint64_t kLongestRest = 64;

    struct Entry {
        std::uint64_t next_block = 0;
        std::uint64_t rest = 1;
    };

    mutable std::mutex mutex_;  // guards entries_
    std::map<Hash, Entry> entries_;
};

}  // namespace valence::sequencer
