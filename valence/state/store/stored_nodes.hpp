// Where a TrieWork gets nodes from: the head's, through the cache; a moment's, past it; and those of prepared
// commits that are not in the tables yet.
#pragma once

#include <set>

#include <boost/unordered/unordered_flat_map.hpp>

#include "valence/state/store/node_cache.hpp"
#include "valence/state/store/tables.hpp"
#include "valence/state/trie/trie_work.hpp"

namespace valence::state {

/// The nodes of the head state.
class HeadNodes final : public NodeSource {
public:
    HeadNodes(const Tables& tables, NodeCache& cache) : tables_(tables), cache_(cache) {}
    void fetch(std::span<const NodeKey> keys, std::span<NodeBlob> nodes) const override;

private:
    const Tables& tables_;
    NodeCache& cache_;
};

/// The nodes of the state that was the head's at a moment.
class MomentNodes final : public NodeSource {
public:
    explicit MomentNodes(const Moment& moment) : moment_(moment) {}
    void fetch(std::span<const NodeKey> keys, std::span<NodeBlob> nodes) const override;

private:
    const Moment& moment_;
};

/// Nodes with the writes of prepared commits over them, the oldest added first.
class OverlaidNodes final : public NodeSource {
public:
    explicit OverlaidNodes(const NodeSource& base) : base_(base) {}
    void add(std::span<const NodeWrite> writes);
    void fetch(std::span<const NodeKey> keys, std::span<NodeBlob> nodes) const override;

private:
    const NodeSource& base_;
    boost::unordered_flat_map<std::string_view, NodeBlob> writes_;
};

/// Nodes without those of some tries, which so are empty.
class WithoutTries final : public NodeSource {
public:
    explicit WithoutTries(const NodeSource& base) : base_(base) {}
    void hide_storage_of(const Address&);
    void fetch(std::span<const NodeKey> keys, std::span<NodeBlob> nodes) const override;

private:
    const NodeSource& base_;
    /// Prefixes of keys.
    std::set<NodeKey> hidden_;
};

}  // namespace valence::state
