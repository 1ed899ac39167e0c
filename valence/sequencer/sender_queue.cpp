#include "valence/sequencer/sender_queue.hpp"

#include <algorithm>

namespace valence::sequencer {

const SenderQueue::Entry* SenderQueue::find(std::uint64_t nonce) const {
    const auto place = place_of(nonce);
    return place < entries_.size() && entries_[place].nonce() == nonce ? &entries_[place] : nullptr;
}

std::size_t SenderQueue::place_of(std::uint64_t nonce) const {
    // Mostly they arrive in order.
    if (entries_.empty() || entries_.back().nonce() < nonce) return entries_.size();
    const auto found = std::lower_bound(entries_.begin(), entries_.end(), nonce,
                                        [](const Entry& e, std::uint64_t n) { return e.nonce() < n; });
    return static_cast<std::size_t>(found - entries_.begin());
}

void SenderQueue::put(Entry entry) {
    const auto place = place_of(entry.nonce());
    total_cost_ = total_cost_ + entry.cost;
    if (place < entries_.size() && entries_[place].nonce() == entry.nonce()) {
        total_cost_ = total_cost_ - entries_[place].cost;
        entries_[place] = std::move(entry);
    } else {
        entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(place), std::move(entry));
    }
    settle(place);
}

SenderQueue::Entry SenderQueue::take(std::size_t place) {
    auto entry = std::move(entries_[place]);
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(place));
    total_cost_ = total_cost_ - entry.cost;
    settle(place);
    return entry;
}

void SenderQueue::settle(std::size_t from) {
    for (auto i = from; i < entries_.size(); ++i) {
        const auto& fee = entries_[i].transaction->transaction.max_fee_per_gas;
        entries_[i].floor_fee = i == 0 ? fee : std::min(entries_[i - 1].floor_fee, fee);
    }
    pending_ = std::min(pending_, from);
    while (pending_ < entries_.size() && entries_[pending_].nonce() == account_.nonce + pending_)
        ++pending_;
}

}  // namespace valence::sequencer
