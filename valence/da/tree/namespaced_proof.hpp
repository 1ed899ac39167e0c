// Proofs that leaves are in a namespaced Merkle tree, that they are all of their namespace, or that a
// namespace has none. Verifying takes any bytes and no more time than the leaves and nodes given need.
// Source: celestiaorg/nmt, docs/proof-format.md and docs/spec/nmt.md.
#pragma once

#include <vector>

#include "valence/da/tree/namespaced_hash.hpp"

namespace valence::da {

struct NamespacedProof {
    /// The leaves proven: [start, end). Both 0: the namespace is outside the root's range.
    std::size_t start = 0;
    std::size_t end = 0;
    /// Roots of the greatest subtrees without a proven leaf, from left to right.
    std::vector<NamespacedHash> nodes;
    /// Of absence: the leaf at `start`, the first above the namespace.
    std::optional<NamespacedHash> absent_leaf;

    bool operator==(const NamespacedProof&) const = default;
};

/// No tree verified here has more leaves.
inline constexpr std::size_t kMaxLeaves = std::size_t{1} << 20;

/// Whether the leaves [start, end) of a tree with this root have these hashes.
bool verify_leaves(const NamespacedProof& proof, std::span<const NamespacedHash> leaves,
                   const NamespacedHash& root);

/// Whether the leaves [start, end) of a tree of `size` leaves, a power of two, have these hashes: unlike
/// verify_leaves it also says that they are where the proof claims.
bool verify_leaves_at(const NamespacedProof& proof, std::span<const NamespacedHash> leaves,
                      const NamespacedHash& root, std::size_t size);

/// Whether these are the data of all leaves of a namespace; none: whether there are none.
bool verify_namespace(const NamespacedProof& proof, const Namespace& name, std::span<const BytesView> data,
                      const NamespacedHash& root);

/// Whether a tree of `size` leaves, a power of two, has these subtrees, which together cover the leaves
/// [start, end): from left to right the greatest whose size divides their place, none above `width` (a power
/// of two).
bool verify_subtrees(const NamespacedProof& proof, std::span<const NamespacedHash> subtrees,
                     std::size_t width, const NamespacedHash& root, std::size_t size);

/// The sizes of the subtrees that verify_subtrees wants for [start, end).
std::vector<std::size_t> aligned_sizes(std::size_t start, std::size_t end, std::size_t width);

/// Protobuf: celestiaorg/nmt, pb/proof.proto. Errors: bad_message; bad_proof for nodes of a wrong length, or
/// where parity's namespace is not ignored.
Bytes encode_proof(const NamespacedProof& proof);
Result<NamespacedProof> parse_proof(BytesView bytes);

}  // namespace valence::da
