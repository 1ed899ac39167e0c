// Where the incremental trie gets its stored nodes from, and the keys it knows them by.
#pragma once

#include <memory>
#include <span>

#include <boost/container/static_vector.hpp>

#include "valence/base/base.hpp"

namespace valence::state {

/// The key of a stored node: which trie it belongs to, then its path, one nibble a byte. The account trie is
/// 0x00, a storage trie 0x01 and the hashed address of its account.
using NodeKey = boost::container::static_vector<std::uint8_t, 33 + 64>;

NodeKey account_trie_prefix();
NodeKey storage_trie_prefix(const Hash& hashed_address);

inline BytesView view_of(const NodeKey& key) { return {key.data(), key.size()}; }

/// A stored node's bytes (see node_record.hpp), shared by whoever reads it; null when there is no such node.
class NodeBlob {
public:
    NodeBlob() = default;
    explicit NodeBlob(BytesView bytes)
        : bytes_(std::make_shared_for_overwrite<std::uint8_t[]>(bytes.size())),
          size_(static_cast<std::uint32_t>(bytes.size())) {
        std::memcpy(bytes_.get(), bytes.data(), bytes.size());
    }

    explicit operator bool() const { return bytes_ != nullptr; }
    BytesView view() const { return {bytes_.get(), size_}; }

private:
    std::shared_ptr<std::uint8_t[]> bytes_;
    std::uint32_t size_ = 0;
};

class NodeSource {
public:
    virtual ~NodeSource() = default;
    /// Fetches the nodes with these keys, `nodes` being as long and all null. Called from many threads at
    /// once.
    virtual void fetch(std::span<const NodeKey> keys, std::span<NodeBlob> nodes) const = 0;
};

}  // namespace valence::state
