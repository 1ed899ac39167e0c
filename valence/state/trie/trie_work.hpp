// TrieWork: one update of any number of tries (the storage tries of a block, then the account trie), touching
// only the nodes on the way to what changes. In four steps, each spread over the cores:
//
//     load    level by level, the stored branches on the paths of all updates, each level in a few batched
//     reads find    the leaves as they were before the update apply   restructure in memory: insert, replace,
//     delete, split and fold; no reads, no hashing hash    level by level from the deepest, the references of
//     all that is new
//
// then `take_writes` has the rows to store. Also what proofs are made of: load, then `prove`.
#pragma once

#include <deque>

#include "valence/state/trie/node_record.hpp"
#include "valence/state/trie/node_source.hpp"

namespace valence::state {

struct LeafUpdate {
    enum class Change : std::uint8_t {
        /// The leaf has `value` afterwards.
        set,
        /// There is no such leaf afterwards.
        remove,
        /// Nothing changes; its path is loaded all the same.
        keep,
    };

    Hash key;
    /// At most 255 bytes.
    BytesView value;
    Change change = Change::set;

    bool inserts() const { return change == Change::set; }
};

/// A row to store; a null node is a row to delete.
struct NodeWrite {
    NodeKey key;
    NodeBlob node;
};

/// A trie of a TrieWork.
struct WorkedTrie {
    NodeKey prefix;
    /// Ascending by key, no two equal.
    std::span<const LeafUpdate> updates;
    Child root;
    bool was_stored = false;
};

class TrieWork {
public:
    explicit TrieWork(const NodeSource&);
    ~TrieWork();
    TrieWork(const TrieWork&) = delete;
    TrieWork& operator=(const TrieWork&) = delete;

    /// Adds a trie. The updates' keys must stay in place as long as this object lives; changes and values may
    /// be filled in later, before `apply`.
    WorkedTrie& add(const NodeKey& prefix, std::span<const LeafUpdate> updates);

    /// Loads what the updates of all tries added need. Once, after all `add`s.
    void load();
    /// The value of a leaf whose key is among the updates. After `load` what was stored, after `apply` what
    /// is new.
    static std::optional<BytesView> find(const WorkedTrie&, const Hash& key);
    /// Once a trie, after `load`.
    void apply(std::span<WorkedTrie* const>);
    /// Makes the references of all that `apply` has made since the last call.
    void hash();
    /// After `load` the stored root; after `apply` and `hash` the new one.
    static Hash root(const WorkedTrie&);
    /// The nodes from the root to a key among the updates, or to where its path ends: a proof that the leaf
    /// is there, or that it is not. Nodes embedded in their parents are not listed apart.
    static std::vector<Bytes> prove(const WorkedTrie&, const Hash& key);
    /// The rows that `apply` and `hash` changed, in order of their keys.
    std::vector<NodeWrite> take_writes();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace valence::state
