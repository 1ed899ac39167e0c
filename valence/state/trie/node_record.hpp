// How the incremental trie stores its nodes.
//
// Only branches have rows of their own, keyed by path. A branch's record holds all that is needed to make its
// hash again and to restructure it: for each child that is a leaf the whole leaf, for each child that is a
// branch its reference, with the nibbles of the extension between them if there is one. So changing a leaf
// reads one row a level, never a sibling's, and a branch left with one child is folded into its parent
// without reading that child.
//
//     record   leaf mask (2 bytes) · branch mask (2 bytes) · the children's bodies by ascending nibble
//     leaf     key (32) · ref (33) · size of the value (1) · value
//     branch   ref (33) · number of nibbles of the extension (1) · when not 0: ref of the extension (33), its
//     nibbles ref      size (1) and bytes (32): 32 and a hash, or less and the node itself root     kind (1)
//     and body of the root node; then the record of the root branch, when no extension precedes it
#pragma once

#include "valence/state/trie/node_rlp.hpp"

namespace valence::state {

struct Branch;

/// A child as a branch holds it: its body lies in a record or, when `fresh`, in the memory of a TrieWork.
struct Child {
    enum class Kind : std::uint8_t { none, leaf, branch };

    const std::uint8_t* body = nullptr;
    /// The branch below, when it has been loaded or made.
    Branch* branch = nullptr;
    Kind kind = Kind::none;
    /// Made by the update at hand: differs from what is stored.
    bool fresh = false;

    bool is_none() const { return kind == Kind::none; }
};

inline constexpr std::size_t kStoredRefSize = 33;
inline constexpr std::size_t kLeafRefOffset = 32;
inline constexpr std::size_t kLeafValueOffset = kLeafRefOffset + kStoredRefSize + 1;
inline constexpr std::size_t kExtensionSizeOffset = kStoredRefSize;
inline constexpr std::size_t kOuterRefOffset = kExtensionSizeOffset + 1;
inline constexpr std::size_t kExtensionOffset = kOuterRefOffset + kStoredRefSize;

/// Parts of a body.
inline BytesView leaf_key(const std::uint8_t* body) { return {body, 32}; }
inline BytesView leaf_value(const std::uint8_t* body) {
    return {body + kLeafValueOffset, body[kLeafValueOffset - 1]};
}
inline std::size_t leaf_body_size(BytesView value) { return kLeafValueOffset + value.size(); }
inline BytesView branch_extension(const std::uint8_t* body) {
    const std::size_t size = body[kExtensionSizeOffset];
    return size == 0 ? BytesView{} : BytesView{body + kExtensionOffset, size};
}
inline std::size_t branch_body_size(std::size_t extension_size) {
    return extension_size == 0 ? kOuterRefOffset : kExtensionOffset + extension_size;
}
inline std::size_t body_size(const Child& child) {
    return child.kind == Child::Kind::leaf ? leaf_body_size(leaf_value(child.body))
                                           : branch_body_size(child.body[kExtensionSizeOffset]);
}
/// The stored reference the parent's encoding holds for this child.
inline const std::uint8_t* child_ref(const Child& child) {
    if (child.kind == Child::Kind::leaf) return child.body + kLeafRefOffset;
    return child.body[kExtensionSizeOffset] == 0 ? child.body : child.body + kOuterRefOffset;
}

void store_ref(std::uint8_t* to, const NodeRef&);
NodeRef load_ref(const std::uint8_t* from);

/// The children of a branch, their bodies within `record`; nothing when that is no record. `depth` is the
/// length of the branch's path.
std::optional<std::array<Child, 16>> parse_record(BytesView record, std::size_t depth);
void append_record(Bytes& out, const std::array<Child, 16>& children);

struct RootRow {
    Child root;
    /// The root branch's record; empty unless the root node is a branch.
    BytesView record;
};
std::optional<RootRow> parse_root_row(BytesView row);
/// `record` as in RootRow.
void append_root_row(Bytes& out, const Child& root, BytesView record);

/// The encoding of a branch from its children's references.
void append_branch_node(Bytes& out, const std::array<Child, 16>& children);
/// The encoding of an extension with these nibbles, one a byte.
void append_extension_node(Bytes& out, BytesView nibbles, const NodeRef& child);

}  // namespace valence::state
