#include "valence/state/trie/full_root.hpp"

#include "valence/crypto/keccak.hpp"
#include "valence/crypto/keccak_batch.hpp"
#include "valence/state/trie/node_rlp.hpp"

namespace valence::state {
namespace {

/// A leaf whose key and value are held elsewhere.
struct LeafView {
    BytesView key;
    BytesView value;
};

/// A branch's children that are leaves, encoded, to be hashed at once.
struct LeafChildren {
    Bytes bytes;
    std::array<std::size_t, 16> ends{};
    std::array<std::size_t, 16> nibbles{};
    std::size_t count = 0;

    void add(const LeafView& leaf, std::size_t depth, std::size_t nibble) {
        append_leaf(bytes, leaf.key, depth, leaf.value);
        ends[count] = bytes.size();
        nibbles[count++] = nibble;
    }
    void refer(std::span<NodeRef, 16> children) const {
        std::array<BytesView, 16> nodes;
        std::array<Hash, 16> hashes;
        for (std::size_t i = 0; i < count; ++i) {
            const auto start = i == 0 ? 0 : ends[i - 1];
            nodes[i] = BytesView(bytes).subspan(start, ends[i] - start);
        }
        crypto::keccak256_batch(std::span(nodes).first(count), std::span(hashes).first(count));
        for (std::size_t i = 0; i < count; ++i)
            children[nibbles[i]] = nodes[i].size() < 32 ? ref_to_node(nodes[i]) : ref_to_hash(hashes[i]);
    }
};

/// The reference to the node that holds `leaves`, which all share their first `depth` nibbles.
NodeRef build(std::span<const LeafView> leaves, std::size_t depth) {
    if (leaves.empty()) return {};
    Bytes node;
    if (leaves.size() == 1) {
        append_leaf(node, leaves[0].key, depth, leaves[0].value);
        return ref_to_node(node);
    }
    // Ascending order makes what the first and the last share common to all.
    const auto shared = shared_nibbles(leaves.front().key, leaves.back().key, depth);
    if (shared > 0) {
        append_extension(node, leaves[0].key, depth, depth + shared, build(leaves, depth + shared));
        return ref_to_node(node);
    }
    BytesView value;
    if (2 * leaves[0].key.size() == depth) {
        value = leaves[0].value;
        leaves = leaves.subspan(1);
    }
    std::array<NodeRef, 16> children;
    LeafChildren alone;
    while (!leaves.empty()) {
        const auto nibble = nibble_at(leaves[0].key, depth);
        const auto end = std::find_if(leaves.begin(), leaves.end(),
                                      [&](const auto& leaf) { return nibble_at(leaf.key, depth) != nibble; });
        const auto count = static_cast<std::size_t>(end - leaves.begin());
        if (count == 1) {
            alone.add(leaves[0], depth + 1, nibble);
        } else {
            children[nibble] = build(leaves.first(count), depth + 1);
        }
        leaves = leaves.subspan(count);
    }
    alone.refer(children);
    append_branch(node, children, value);
    return ref_to_node(node);
}

Hash root_of_sorted(std::span<const LeafView> leaves) { return root_of_ref(build(leaves, 0)); }

/// Sorts leaves whose keys are hashes held in `hashes`, then makes their root.
struct HashedLeaf {
    Hash key;
    Bytes value;
};

Hash root_of_hashed(std::vector<HashedLeaf>& leaves) {
    std::sort(leaves.begin(), leaves.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    std::vector<LeafView> views;
    views.reserve(leaves.size());
    for (const auto& leaf : leaves)
        views.push_back({leaf.key, leaf.value});
    return root_of_sorted(views);
}

}  // namespace

Hash trie_root(std::span<const Leaf> leaves) {
    std::vector<LeafView> views;
    views.reserve(leaves.size());
    for (const auto& leaf : leaves)
        views.push_back({leaf.key, leaf.value});
    return root_of_sorted(views);
}

Hash secure_trie_root(std::span<const Leaf> leaves) {
    std::vector<HashedLeaf> hashed;
    hashed.reserve(leaves.size());
    for (const auto& leaf : leaves)
        hashed.push_back({crypto::keccak256(leaf.key), leaf.value});
    return root_of_hashed(hashed);
}

Hash list_root(std::span<const BytesView> items) {
    // rlp(index) ascends from 1 to 127, then comes 0 (written 0x80), then 128 on.
    const auto rlp_index = [](std::size_t index) {
        Bytes key;
        append_rlp_string(key, U256{index}.to_minimal_be());
        return key;
    };
    std::vector<Bytes> keys(items.size());
    std::vector<LeafView> leaves;
    leaves.reserve(items.size());
    const auto add = [&](std::size_t index) {
        keys[index] = rlp_index(index);
        leaves.push_back({keys[index], items[index]});
    };
    for (std::size_t i = 1; i < std::min<std::size_t>(items.size(), 128); ++i)
        add(i);
    if (!items.empty()) add(0);
    for (std::size_t i = 128; i < items.size(); ++i)
        add(i);
    return root_of_sorted(leaves);
}

Hash list_root(std::span<const Bytes> items) {
    const std::vector<BytesView> views(items.begin(), items.end());
    return list_root(views);
}

Bytes encode_account_leaf(const Account& account, const Hash& storage_root) {
    Bytes fields;
    fields.reserve(112);
    append_rlp_string(fields, U256{account.nonce}.to_minimal_be());
    append_rlp_string(fields, account.balance.to_minimal_be());
    append_rlp_string(fields, storage_root);
    append_rlp_string(fields, account.code_hash);
    Bytes out;
    out.reserve(fields.size() + 3);
    append_rlp_list_prefix(out, fields.size());
    base::append(out, fields);
    return out;
}

Hash storage_root(const std::map<U256, U256>& slots) {
    std::vector<HashedLeaf> leaves;
    leaves.reserve(slots.size());
    for (const auto& [slot, value] : slots) {
        if (value.is_zero()) continue;
        Bytes encoded;
        append_rlp_string(encoded, value.to_minimal_be());
        leaves.push_back({crypto::keccak256(slot.to_hash()), std::move(encoded)});
    }
    return root_of_hashed(leaves);
}

Hash compute_state_root(const std::map<Address, FullAccount>& accounts) {
    std::vector<HashedLeaf> leaves;
    leaves.reserve(accounts.size());
    for (const auto& [address, full] : accounts) {
        leaves.push_back(
            {crypto::keccak256(address), encode_account_leaf(full.account, storage_root(full.storage))});
    }
    return root_of_hashed(leaves);
}

}  // namespace valence::state
