// MapSource: trie nodes in an ordered map, for tests.
#pragma once

#include "valence/state/trie/trie_work.hpp"

namespace valence::state {

class MapSource final : public NodeSource {
public:
    void fetch(std::span<const NodeKey> keys, std::span<NodeBlob> nodes) const override {
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const auto found = rows_.find(base::to_bytes(view_of(keys[i])));
            if (found != rows_.end()) nodes[i] = NodeBlob(found->second);
        }
    }

    void store(const std::vector<NodeWrite>& writes) {
        for (const auto& write : writes) {
            if (write.node) {
                rows_[base::to_bytes(view_of(write.key))] = base::to_bytes(write.node.view());
            } else {
                rows_.erase(base::to_bytes(view_of(write.key)));
            }
        }
    }

    const std::map<Bytes, Bytes>& rows() const { return rows_; }

private:
    std::map<Bytes, Bytes> rows_;
};

}  // namespace valence::state
