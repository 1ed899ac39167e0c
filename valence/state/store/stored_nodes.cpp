#include "valence/state/store/stored_nodes.hpp"

#include "valence/crypto/keccak.hpp"

namespace valence::state {
namespace {

/// Reads from the table all nodes that are still null; `found` is told of each.
template <typename Found>
void read_missing(const Tables& tables, const Moment* moment, std::span<const NodeKey> keys,
                  std::span<NodeBlob> nodes, Found&& found) {
    std::vector<std::size_t> missing;
    std::vector<rocksdb::Slice> slices;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (nodes[i]) continue;
        missing.push_back(i);
        slices.push_back(slice_of(view_of(keys[i])));
    }
    if (missing.empty()) return;
    const auto values = tables.multi_get(Table::trie, slices, moment);
    for (std::size_t i = 0; i < missing.size(); ++i) {
        if (!values[i]) continue;
        nodes[missing[i]] = NodeBlob(*values[i]);
        found(missing[i]);
    }
}

}  // namespace

void HeadNodes::fetch(std::span<const NodeKey> keys, std::span<NodeBlob> nodes) const {
    for (std::size_t i = 0; i < keys.size(); ++i)
        nodes[i] = cache_.find(keys[i]);
    read_missing(tables_, nullptr, keys, nodes, [&](std::size_t i) { cache_.put(keys[i], nodes[i]); });
}

void MomentNodes::fetch(std::span<const NodeKey> keys, std::span<NodeBlob> nodes) const {
    read_missing(moment_.tables(), &moment_, keys, nodes, [](std::size_t) {});
}

void OverlaidNodes::add(std::span<const NodeWrite> writes) {
    for (const auto& write : writes)
        writes_.insert_or_assign(base::as_text(view_of(write.key)), write.node);
}

void OverlaidNodes::fetch(std::span<const NodeKey> keys, std::span<NodeBlob> nodes) const {
    std::vector<NodeKey> rest;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto found = writes_.find(base::as_text(view_of(keys[i])));
        if (found != writes_.end()) {
            nodes[i] = found->second;
        } else {
            rest.push_back(keys[i]);
            places.push_back(i);
        }
    }
    if (rest.empty()) return;
    std::vector<NodeBlob> fetched(rest.size());
    base_.fetch(rest, fetched);
    for (std::size_t i = 0; i < rest.size(); ++i)
        nodes[places[i]] = std::move(fetched[i]);
}

void WithoutTries::hide_storage_of(const Address& address) {
    hidden_.insert(storage_trie_prefix(crypto::keccak256(address)));
}

void WithoutTries::fetch(std::span<const NodeKey> keys, std::span<NodeBlob> nodes) const {
    base_.fetch(keys, nodes);
    if (hidden_.empty()) return;
    constexpr std::size_t kPrefixSize = 1 + Hash::kSize;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto& key = keys[i];
        if (key.size() >= kPrefixSize && hidden_.contains(NodeKey(key.begin(), key.begin() + kPrefixSize)))
            nodes[i] = {};
    }
}

}  // namespace valence::state
