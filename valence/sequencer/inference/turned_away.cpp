#include "valence/sequencer/inference/turned_away.hpp"

namespace valence::sequencer {

void TurnedAway::add(const Hash& transaction, std::uint64_t block) {
    const std::lock_guard guard(mutex_);
    if (entries_.size() >= kMost && !entries_.contains(transaction)) entries_.erase(entries_.begin());
    auto& entry = entries_[transaction];
    // What several runs for one block say is said once.
    if (entry.next_block > block) return;
    entry.next_block = block + entry.rest;
    entry.rest = std::min(entry.rest * 2, kLongestRest);
}

bool TurnedAway::is_resting(const Hash& transaction, std::uint64_t block) const {
    const std::lock_guard guard(mutex_);
    const auto found = entries_.find(transaction);
    return found != entries_.end() && block < found->second.next_block;
}

bool TurnedAway::is_worn_out(const Hash& transaction) const {
    const std::lock_guard guard(mutex_);
    const auto found = entries_.find(transaction);
    return found != entries_.end() && found->second.rest == kLongestRest;
}

void TurnedAway::forget(const Hash& transaction) {
    const std::lock_guard guard(mutex_);
    entries_.erase(transaction);
}

void TurnedAway::retain(const std::function<bool(const Hash&)>& keep) {
    const std::lock_guard guard(mutex_);
    std::erase_if(entries_, [&](const auto& entry) { return !keep(entry.first); });
}

}  // namespace valence::sequencer
