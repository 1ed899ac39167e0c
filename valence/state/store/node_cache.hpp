// NodeCache: trie nodes of the head state in memory, within a bound of bytes; those not used for longest make
// room (second chance). Used by the thread that prepares and commits, and by the workers it spreads over.
#pragma once

#include <mutex>

#include "valence/state/trie/node_source.hpp"

namespace valence::state {

class NodeCache {
public:
    explicit NodeCache(std::size_t bytes);
    ~NodeCache();

    /// Null when it is not held.
    NodeBlob find(const NodeKey&);
    void put(const NodeKey&, NodeBlob);
    void erase(const NodeKey&);
    void clear();

    /// Bytes held, with what each entry costs besides.
    std::size_t size() const;

private:
    struct Shard;
    Shard& shard_of(std::uint64_t hash) const;

    std::unique_ptr<Shard[]> shards_;
};

}  // namespace valence::state
