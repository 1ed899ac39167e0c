#include "valence/sequencer/inference/parking.hpp"

#include "valence/chain/validate_transaction.hpp"

namespace valence::sequencer {

std::optional<std::vector<chain::NeededJob>> Parking::park(const PooledTransaction& transaction,
                                                           const std::vector<chain::NeededJob>& jobs,
                                                           SenderKind kind) {
    const std::lock_guard guard(mutex_);
    const auto& hash = transaction->hash;
    auto found = entries_.find(hash);
    if (found == entries_.end()) {
        if (is_full(transaction->sender, kind, 0)) return std::nullopt;
        ++of_sender_[transaction->sender];
        delegated_ += kind == SenderKind::delegated ? 1 : 0;
        const auto place = next_place_++;
        by_place_.emplace(place, hash);
        found = entries_.emplace(hash, Entry{transaction, kind, place, {}, 0}).first;
        changed_[hash] = transaction;
    }
    auto& entry = found->second;
    ++entry.asks;
    view_ = nullptr;
    std::vector<chain::NeededJob> first;
    for (const auto& job : jobs) {
        entry.waiting.insert(job.id);
        auto& waiting = waiting_for_[job.id];
        if (waiting.empty()) first.push_back(job);
        waiting.insert(hash);
    }
    return first;
}

/// Under the mutex.
bool Parking::is_full(const Address& sender, SenderKind kind, std::size_t others) const {
    const auto own = of_sender_.find(sender);
    if (own != of_sender_.end() && own->second >= limits_.per_sender) return true;
    if (kind == SenderKind::delegated && delegated_ >= limits_.delegated) return true;
    return entries_.size() + others >= limits_.total;
}

bool Parking::has_room(const PoolTransaction& transaction, SenderKind kind, std::size_t others) const {
    const std::lock_guard guard(mutex_);
    return entries_.contains(transaction.hash) || !is_full(transaction.sender, kind, others);
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

bool Parking::is_oldest(const Hash& transaction) const {
    const std::lock_guard guard(mutex_);
    return !by_place_.empty() && by_place_.begin()->second == transaction;
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

std::vector<PooledTransaction> Parking::release(const outcome::JobId& job) {
    std::vector<PooledTransaction> waiting;
    {
        const std::lock_guard guard(mutex_);
        const auto found = waiting_for_.find(job);
        if (found == waiting_for_.end()) return waiting;
        for (const auto& hash : found->second)
            waiting.push_back(entries_.at(hash).transaction);
    }
    for (const auto& transaction : waiting)
        forget(transaction->hash);
    return waiting;
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
    delegated_ -= found->second.kind == SenderKind::delegated ? 1 : 0;
    by_place_.erase(found->second.place);
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
        if (entry.kind == SenderKind::delegated) view->delegated.push_back(entry.transaction->sender);
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
