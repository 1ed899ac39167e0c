// CodeCache: contract code by hash, shared with whoever holds it; the oldest entries make room. Code never
// changes, so one cache serves readers of every block.
#pragma once

#include <deque>
#include <mutex>
#include <unordered_map>

#include "valence/state/reader.hpp"

namespace valence::state {

class CodeCache {
public:
    explicit CodeCache(std::size_t bytes) : limit_(bytes) {}

    SharedCode find(const Hash& hash) const {
        const std::lock_guard lock(mutex_);
        const auto found = codes_.find(hash);
        return found == codes_.end() ? nullptr : found->second;
    }

    void put(const Hash& hash, SharedCode code) {
        const std::lock_guard lock(mutex_);
        const auto size = code->size();
        if (!codes_.emplace(hash, std::move(code)).second) return;
        bytes_ += size;
        order_.push_back(hash);
        while (bytes_ > limit_ && order_.size() > 1) {
            const auto oldest = codes_.find(order_.front());
            bytes_ -= oldest->second->size();
            codes_.erase(oldest);
            order_.pop_front();
        }
    }

private:
    /// Guards what follows.
    mutable std::mutex mutex_;
    std::size_t limit_;
    std::size_t bytes_ = 0;
    std::unordered_map<Hash, SharedCode> codes_;
    std::deque<Hash> order_;
};

}  // namespace valence::state
