// What a TrieWork holds in memory: branches, and per thread the bytes and lists of what was made.
#pragma once

#include <memory_resource>

#include <tbb/enumerable_thread_specific.h>

#include "valence/state/trie/trie_work.hpp"

namespace valence::state {

struct Branch {
    std::array<Child, 16> children;
    const WorkedTrie* trie = nullptr;
    /// Some key below: its first `depth` nibbles are the path.
    const std::uint8_t* key = nullptr;
    /// Where the reference goes: this branch's body, while it is fresh.
    std::uint8_t* body = nullptr;
    std::uint8_t depth = 0;
    /// Has a row in the store.
    bool stored = false;
    /// Its record changes.
    bool dirty = false;
    /// Folded away.
    bool removed = false;
};

/// A new leaf, whose reference is to be made.
struct LeafJob {
    std::uint8_t* body;
    std::size_t depth;
};

/// What one thread makes.
struct TrieLane {
    std::pmr::monotonic_buffer_resource memory;
    /// Keeps the records alive that bodies lie in.
    std::vector<NodeBlob> blobs;
    std::vector<LeafJob> leaves;
    std::vector<Branch*> dirty;
    std::vector<Branch*> removed;

    std::uint8_t* allocate_bytes(std::size_t size) {
        return static_cast<std::uint8_t*>(memory.allocate(size, 1));
    }
    Branch* allocate_branch() {
        static_assert(std::is_trivially_destructible_v<Branch>);
        return new (memory.allocate(sizeof(Branch), alignof(Branch))) Branch;
    }
};

using TrieLanes = tbb::enumerable_thread_specific<TrieLane>;

/// The updates among `updates` whose nibble at `depth` is `nibble`, given that all share the nibbles before.
inline std::span<const LeafUpdate> with_nibble(std::span<const LeafUpdate> updates, std::size_t depth,
                                               std::uint8_t nibble) {
    const auto low = std::partition_point(updates.begin(), updates.end(),
                                          [&](const auto& u) { return nibble_at(u.key, depth) < nibble; });
    const auto high = std::partition_point(low, updates.end(),
                                           [&](const auto& u) { return nibble_at(u.key, depth) == nibble; });
    return {low, high};
}

/// How many of the extension's nibbles a key follows from `depth` on.
inline std::size_t followed(BytesView key, std::size_t depth, BytesView extension) {
    std::size_t i = 0;
    while (i < extension.size() && nibble_at(key, depth + i) == extension[i])
        ++i;
    return i;
}

/// The updates that follow the first `length` nibbles of an extension. They stand together, since updates are
/// sorted.
inline std::span<const LeafUpdate> following(std::span<const LeafUpdate> updates, std::size_t depth,
                                             BytesView extension) {
    if (extension.empty()) return updates;
    const auto follows = [&](const auto& u) { return followed(u.key, depth, extension) == extension.size(); };
    const auto low = std::find_if(updates.begin(), updates.end(), follows);
    const auto high = std::find_if_not(low, updates.end(), follows);
    return {low, high};
}

/// Restructures the child at `depth` by updates that share their first `depth` nibbles; see TrieWork::apply.
Child apply_updates(TrieLanes&, const WorkedTrie&, const Child&, std::size_t depth,
                    std::span<const LeafUpdate>);

/// Makes the references of all fresh leaves and dirty branches in the lanes; see TrieWork::hash.
/// Appends the rows of the branches (but root rows) to `writes`.
void hash_lanes(TrieLanes&, std::vector<NodeWrite>& writes);

/// Path `depth` nibbles of `key` below a trie's prefix.
NodeKey node_key(const NodeKey& prefix, const std::uint8_t* key, std::size_t depth);

}  // namespace valence::state
