#include "valence/sequencer/inference/parking.hpp"

#include "valence/chain/validate_transaction.hpp"

namespace valence::sequencer {

Parking::Parked Parking::park(const PooledTransaction& transaction,
                              const std::vector<chain::NeededJob>& jobs) {
    const std::lock_guard guard(mutex_);
    const auto& hash = transaction->hash;
    auto found = entries_.find(hash);
    if (found == entries_.end()) {
        auto& own = of_sender_[transaction->sender];
        if (entries_.size() >= limits_.total || own >= limits_.per_sender) return Parked::full;
        ++own;
        found = entries_.emplace(hash, Entry{transaction, {}, 0}).first;
        changed_[hash] = transaction;
    }
    auto& entry = found->second;
    ++entry.asks;
    view_ = nullptr;
    for (const auto& job : jobs) {
        entry.waiting.insert(job.id);
        waiting_for_[job.id].insert(hash);
    }
    return Parked::yes;
}

bool Parking::is_waiting(const Hash& transaction) const {
    const std::lock_guard guard(mutex_);
    const auto found = entries_.find(transaction);
    return found != entries_.end() && !found->second.waiting.empty();
}

bool Parking::is_bound(const Hash& transaction) const {
    const std::lock_guard guard(mutex_);
    return entries_.contains(transaction);
}

bool Parking::asks_too_often(const Hash& transaction) const {
    const std::lock_guard guard(mutex_);
    const auto found = entries_.find(transaction);
    return found != entries_.end() && found->second.asks >= limits_.asks;
}

void Parking::retain(const std::function<bool(const Hash&)>& keep) {
    std::vector<Hash> hashes;
    {
        const std::lock_guard guard(mutex_);
        for (const auto& [hash, entry] : entries_)
            hashes.push_back(hash);
    }
    for (const auto& hash : hashes)
        if (!keep(hash)) forget(hash);
}

bool Parking::arrived(const outcome::JobId& job) {
    const std::lock_guard guard(mutex_);
    const auto found = waiting_for_.find(job);
    if (found == waiting_for_.end()) return false;
    bool any_ready = false;
    view_ = nullptr;
    for (const auto& hash : found->second) {
        const auto entry = entries_.find(hash);
        if (entry == entries_.end()) continue;
        entry->second.waiting.erase(job);
        any_ready = any_ready || entry->second.waiting.empty();
    }
    waiting_for_.erase(found);
    return any_ready;
}

void Parking::forget(const Hash& transaction) {
    const std::lock_guard guard(mutex_);
    const auto found = entries_.find(transaction);
    if (found == entries_.end()) return;
    for (const auto& job : found->second.waiting) {
        const auto waiting = waiting_for_.find(job);
        if (waiting == waiting_for_.end()) continue;
        waiting->second.erase(transaction);
        if (waiting->second.empty()) waiting_for_.erase(waiting);
    }
    const auto own = of_sender_.find(found->second.transaction->sender);
    if (own != of_sender_.end() && --own->second == 0) of_sender_.erase(own);
    entries_.erase(found);
    changed_[transaction] = nullptr;
    view_ = nullptr;
}

std::shared_ptr<const ParkedView> Parking::view() const {
    const std::lock_guard guard(mutex_);
    if (view_ != nullptr) return view_;
    auto view = std::make_shared<ParkedView>();
    for (const auto& [hash, entry] : entries_) {
        if (!entry.waiting.empty()) view->waiting.insert(hash);
        const auto& transaction = entry.transaction->transaction;
        auto& kept = view->reserves[entry.transaction->sender];
        kept.balance += chain::maximum_cost(transaction).value_or(U256::max());
        kept.nonce = std::min(kept.nonce, transaction.nonce);
    }
    view_ = std::move(view);
    return view_;
}

std::vector<Parking::Change> Parking::take_changes() {
    const std::lock_guard guard(mutex_);
    const auto changed = std::exchange(changed_, {});
    return {changed.begin(), changed.end()};
}

std::size_t Parking::count() const {
    const std::lock_guard guard(mutex_);
    return entries_.size();
}

}  // namespace valence::sequencer
