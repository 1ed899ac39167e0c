#include "valence/sequencer/inference/turned_away.hpp"

namespace valence::sequencer {

void TurnedAway::add(const PoolTransaction& transaction, InVain why, std::uint64_t block) {
    const std::lock_guard guard(mutex_);
    if (entries_.size() >= kMost && !entries_.contains(transaction.sender)) entries_.erase(entries_.begin());
    auto& entry = entries_[transaction.sender];
    // What several runs for one block say is said once.
    const bool is_said = entry.transaction == transaction.hash && entry.next_block > block;
    entry.transaction = transaction.hash;
    entry.why = why;
    if (is_said) return;
    entry.next_block = block + entry.rest;
    entry.rest = std::min(entry.rest * 2, kLongestRest);
}

bool TurnedAway::is_resting(const PoolTransaction& transaction, Offer offer, std::uint64_t block) const {
    const std::lock_guard guard(mutex_);
    const auto found = entries_.find(transaction.sender);
    if (found == entries_.end()) return false;
    const auto& entry = found->second;
    // Further on it cannot be, unless blocks were undone.
    if (block >= entry.next_block || entry.next_block - block > kLongestRest) return false;
    if (entry.transaction == transaction.hash) return true;
    const bool offers_what_lacked = entry.why == InVain::too_cheap && offer == Offer::enough;
    return !offers_what_lacked && transaction.transaction.gas_limit > kLittleGas;
}

const TurnedAway::Entry* TurnedAway::find(const PoolTransaction& transaction) const {
    const auto found = entries_.find(transaction.sender);
    const bool is_it = found != entries_.end() && found->second.transaction == transaction.hash;
    return is_it ? &found->second : nullptr;
}

bool TurnedAway::is_known(const PoolTransaction& transaction) const {
    const std::lock_guard guard(mutex_);
    return find(transaction) != nullptr;
}

bool TurnedAway::is_worn_out(const PoolTransaction& transaction) const {
    const std::lock_guard guard(mutex_);
    const auto* entry = find(transaction);
    return entry != nullptr && entry->rest == kLongestRest;
}

void TurnedAway::forget(const Address& sender, const Hash& transaction) {
    const std::lock_guard guard(mutex_);
    const auto found = entries_.find(sender);
    if (found != entries_.end() && found->second.transaction == transaction) entries_.erase(found);
}

void TurnedAway::forget_idle(std::uint64_t head) {
    const std::lock_guard guard(mutex_);
    boost::unordered::erase_if(entries_, [&](const auto& entry) {
        return entry.second.next_block + kLongestRest < head || entry.second.next_block > head + kLongestRest;
    });
}

}  // namespace valence::sequencer
