// Merkle trees of RFC 6962 over SHA-256: leaf = H(0x00 ‖ data), node = H(0x01 ‖ left ‖ right), splitting at
// the greatest power of two below the number of leaves. Tendermint's, and so that of data roots and
// commitments.
#pragma once

#include <span>
#include <vector>

#include "valence/base/base.hpp"

namespace valence::da {

Hash merkle_leaf(BytesView data);

/// The root of these leaves; SHA-256 of nothing for none.
Hash merkle_root(std::span<const BytesView> leaves);

/// As above, of any range of byte strings.
template <typename Range>
Hash merkle_root_of(const Range& leaves) {
    std::vector<BytesView> views;
    views.reserve(leaves.size());
    for (const auto& leaf : leaves)
        views.push_back(BytesView{leaf});
    return merkle_root(views);
}

/// That a leaf is in a tree, at a place. Tendermint's shape (crypto/merkle/proof.go).
struct MerkleProof {
    std::uint64_t total = 0;
    std::uint64_t index = 0;
    Hash leaf_hash;
    /// The siblings on the way up, from the leaf's on.
    std::vector<Hash> aunts;

    bool operator==(const MerkleProof&) const = default;
};

/// The proofs of all leaves, in order.
std::vector<MerkleProof> merkle_proofs(std::span<const BytesView> leaves);

/// Whether `leaf` is the data of leaf `proof.index` of `proof.total` below the root. Total.
bool verify_merkle_proof(const MerkleProof& proof, BytesView leaf, const Hash& root);

}  // namespace valence::da
