// The three nodes of a Merkle Patricia trie (Yellow Paper, appendix D) in RLP, and how a parent refers to a
// child.
#pragma once

#include "valence/state/trie/nibbles.hpp"

namespace valence::state {

/// What a parent holds for a child: RLP of the child's keccak256, or the child itself when that takes fewer
/// than 32 bytes; RLP of no bytes for no child.
struct NodeRef {
    std::uint8_t size = 1;
    std::array<std::uint8_t, 33> bytes{0x80};

    BytesView view() const { return {bytes.data(), size}; }
    bool is_empty() const { return bytes[0] == 0x80; }
    bool is_hash() const { return size == 33; }
    bool operator==(const NodeRef& other) const { return base::equal(view(), other.view()); }
};

/// The reference to a node by its hash.
NodeRef ref_to_hash(const Hash&);
/// The reference to a node, given its encoding.
NodeRef ref_to_node(BytesView node);
/// The root hash of a trie whose root node a parent would refer to so. The root is always hashed.
Hash root_of_ref(const NodeRef&);

/// Encodings, appended to `out`. A leaf holds the nibbles of `key` from `depth` on.
void append_leaf(Bytes& out, BytesView key, std::size_t depth, BytesView value);
/// An extension holds nibbles `from` to `to` of `key`.
void append_extension(Bytes& out, BytesView key, std::size_t from, std::size_t to, const NodeRef& child);
void append_branch(Bytes& out, std::span<const NodeRef, 16> children, BytesView value = {});

/// RLP of a byte string, and the prefix of a list, as far as node encodings and their values need them.
void append_rlp_string(Bytes& out, BytesView value);
void append_rlp_list_prefix(Bytes& out, std::size_t payload_size);

}  // namespace valence::state
