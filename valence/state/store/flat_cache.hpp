// FlatCache: accounts and slots of the newest states in memory, in front of the tables. Fixed memory, taken
// as it is used; safe for readers on any thread while a commit runs.
//
// States are numbered by version: one more with each commit. An entry holds the value its key has had from
// the entry's version on, up to the newest. So a reader of version v may use an entry whose version is at
// most v, whatever was committed since. A commit first announces its version, then writes the entries of all
// that changed, and only then are readers of that version made; a value read from the tables of an older
// version is refused from the announcement on.
#pragma once

#include <atomic>
#include <cstdlib>
#include <thread>

#include "valence/state/reader.hpp"

namespace valence::state {

/// An account as its table has it.
struct StoredAccount {
    Account account;
    Hash storage_root = kEmptyTrieRoot;

    bool operator==(const StoredAccount&) const = default;
};

struct SlotKey {
    Address address;
    U256 slot;
    bool operator==(const SlotKey&) const = default;
};

inline std::uint64_t cache_hash(const Address& address) { return base::hash_value(address); }
inline std::uint64_t cache_hash(const SlotKey& key) {
    return base::mix(base::hash_value(key.address), std::hash<U256>{}(key.slot));
}

template <typename Key, typename Value>
class FlatCache {
public:
    explicit FlatCache(std::size_t bytes)
        : count_(std::bit_floor(std::max<std::size_t>(bytes / sizeof(Set), 1))),
          sets_(static_cast<Set*>(std::calloc(count_, sizeof(Set)))) {
        static_assert(std::is_trivially_copyable_v<Entry>);
        VALENCE_CHECK(sets_ != nullptr);
    }

    std::optional<Value> find(const Key& key, std::uint64_t version) const {
        auto& set = set_of(key);
        const Guard guard(set);
        for (auto& entry : set.entries) {
            if (entry.version == 0 || !(entry.key == key)) continue;
            if (entry.version > version || entry.version < floor_.load(std::memory_order_acquire)) break;
            entry.used = true;
            return entry.value;
        }
        return std::nullopt;
    }

    /// Adds what a reader of `version` found in the tables, unless a newer version has been announced.
    void fill(const Key& key, const Value& value, std::uint64_t version) const {
        auto& set = set_of(key);
        const Guard guard(set);
        if (newest_.load(std::memory_order_acquire) == version) put(set, key, value, version);
    }

    void announce(std::uint64_t version) { newest_.store(version, std::memory_order_release); }
    /// A value that changes with the version announced last.
    void write(const Key& key, const Value& value) {
        auto& set = set_of(key);
        const Guard guard(set);
        put(set, key, value, newest_.load(std::memory_order_relaxed));
    }
    /// Forgets everything of versions before the one announced last.
    void forget() { floor_.store(newest_.load(std::memory_order_relaxed), std::memory_order_release); }

private:
    struct Entry {
        /// 0 when the entry is free.
        std::uint64_t version;
        bool used;
        Key key;
        Value value;
    };
    /// The places a key may be in.
    struct Set {
        std::atomic_flag locked;
        std::uint8_t next_victim;
        std::array<Entry, 4> entries;
    };
    /// A spin lock: held for some tens of nanoseconds.
    class Guard {
    public:
        explicit Guard(Set& set) : set_(set) {
            // The holder may have lost its core: let it have this one.
            while (set_.locked.test_and_set(std::memory_order_acquire))
                std::this_thread::yield();
        }
        ~Guard() { set_.locked.clear(std::memory_order_release); }
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;

    private:
        Set& set_;
    };
    struct Free {
        void operator()(Set* sets) const { std::free(sets); }
    };

    Set& set_of(const Key& key) const { return sets_.get()[cache_hash(key) & (count_ - 1)]; }

    static void put(Set& set, const Key& key, const Value& value, std::uint64_t version) {
        auto* place = std::find_if(set.entries.begin(), set.entries.end(), [&](const Entry& entry) {
            return entry.version != 0 && entry.key == key;
        });
        if (place == set.entries.end()) {
            place = std::find_if(set.entries.begin(), set.entries.end(),
                                 [](const Entry& entry) { return entry.version == 0; });
        }
        while (place == set.entries.end()) {
            auto& candidate = set.entries[set.next_victim++ % set.entries.size()];
            if (!candidate.used) {
                place = &candidate;
            } else {
                candidate.used = false;
            }
        }
        place->version = version;
        place->used = true;
        place->key = key;
        place->value = value;
    }

    std::size_t count_;
    std::unique_ptr<Set, Free> sets_;
    std::atomic<std::uint64_t> newest_{0};
    std::atomic<std::uint64_t> floor_{0};
};

using AccountCache = FlatCache<Address, std::optional<StoredAccount>>;
using SlotCache = FlatCache<SlotKey, U256>;

}  // namespace valence::state
