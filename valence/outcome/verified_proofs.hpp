// VerifiedProofs: outcomes whose proofs were found right lately, so that none is checked twice: on arrival
// and with its block, or in a block that comes back after a reorganisation. Thread-safe, bounded.
#pragma once

#include <deque>
#include <mutex>

#include <boost/unordered/unordered_flat_set.hpp>

#include "valence/base/base.hpp"

namespace valence::outcome {

class VerifiedProofs {
public:
    explicit VerifiedProofs(std::size_t most = 4'096) : most_(most) {}

    /// The outcome of this name, which says everything that its proof was held against.
    bool contains(const Hash& name) const {
        const std::lock_guard guard(mutex_);
        return names_.contains(name);
    }
    /// The oldest give way.
    void add(const Hash& name) {
        const std::lock_guard guard(mutex_);
        if (!names_.insert(name).second) return;
        order_.push_back(name);
        if (order_.size() <= most_) return;
        names_.erase(order_.front());
        order_.pop_front();
    }

private:
    const std::size_t most_;
    mutable std::mutex mutex_;  // guards what follows
    boost::unordered_flat_set<Hash, std::hash<Hash>> names_;
    std::deque<Hash> order_;
};

}  // namespace valence::outcome
