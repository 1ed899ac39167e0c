// HashedPage: one page of entries in the order of their keys' hashes, as geth's range queries walk its tries,
// picked from entries that come in any order. Memory for one page, however many are offered.
#pragma once

#include <map>
#include <optional>

#include "valence/base/base.hpp"

namespace valence::rpc {

template <typename Entry>
class HashedPage {
public:
    /// The first `most` entries whose hash is at least `from`.
    HashedPage(const Hash& from, std::size_t most) : from_(from), most_(most) {}

    void offer(const Hash& hash, Entry entry) {
        if (hash < from_) return;
        if (entries_.size() > most_ && entries_.rbegin()->first < hash) return;
        entries_.emplace(hash, std::move(entry));
        // One more than the page holds is where the next begins.
        if (entries_.size() > most_ + 1) entries_.erase(std::prev(entries_.end()));
    }

    /// Calls back with every hash of the page and its entry, in order.
    template <typename Visitor>
    void visit(Visitor&& visitor) const {
        std::size_t left = most_;
        for (const auto& [hash, entry] : entries_) {
            if (left-- == 0) return;
            visitor(hash, entry);
        }
    }

    /// Where the next page begins; nothing after the last.
    std::optional<Hash> next() const {
        if (entries_.size() <= most_) return std::nullopt;
        return entries_.rbegin()->first;
    }

private:
    Hash from_;
    std::size_t most_;
    std::map<Hash, Entry> entries_;
};

}  // namespace valence::rpc
