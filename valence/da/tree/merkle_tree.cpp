#include "valence/da/tree/merkle_tree.hpp"

#include <optional>

#include "valence/crypto/sha256.hpp"

namespace valence::da {
namespace {

Hash hash_pair(const Hash& left, const Hash& right) {
    std::array<std::uint8_t, 1 + 2 * Hash::kSize> message;
    message[0] = 1;
    std::copy(left.begin(), left.end(), message.begin() + 1);
    std::copy(right.begin(), right.end(), message.begin() + 1 + Hash::kSize);
    return crypto::sha256(message);
}

std::vector<Hash> leaf_hashes(std::span<const BytesView> leaves) {
    std::vector<Hash> hashes;
    hashes.reserve(leaves.size());
    for (const auto& leaf : leaves)
        hashes.push_back(merkle_leaf(leaf));
    return hashes;
}

/// Pairs of neighbours; an odd last one rises as it is, which gives the tree that splits at powers of two.
std::vector<Hash> level_above(const std::vector<Hash>& level) {
    std::vector<Hash> above;
    above.reserve((level.size() + 1) / 2);
    for (std::size_t i = 0; i < level.size(); i += 2)
        above.push_back(i + 1 < level.size() ? hash_pair(level[i], level[i + 1]) : level[i]);
    return above;
}

/// The root that a proof leads to: `total` leaves, the leaf at `index`. Nothing when the aunts are too few or
/// too many for its place.
std::optional<Hash> climb(const MerkleProof& proof) {
    auto hash = proof.leaf_hash;
    std::size_t used = 0;
    auto index = proof.index;
    for (auto last = proof.total - 1; last != 0; last >>= 1, index >>= 1) {
        const bool rises = index == last && last % 2 == 0;
        if (rises) continue;
        if (used == proof.aunts.size()) return std::nullopt;
        const auto& aunt = proof.aunts[used++];
        hash = index % 2 == 0 ? hash_pair(hash, aunt) : hash_pair(aunt, hash);
    }
    if (used != proof.aunts.size()) return std::nullopt;
    return hash;
}

}  // namespace

Hash merkle_leaf(BytesView data) {
    Bytes message{0};
    base::append(message, data);
    return crypto::sha256(message);
}

Hash merkle_root(std::span<const BytesView> leaves) {
    if (leaves.empty()) return crypto::sha256({});
    auto level = leaf_hashes(leaves);
    while (level.size() > 1)
        level = level_above(level);
    return level.front();
}

std::vector<MerkleProof> merkle_proofs(std::span<const BytesView> leaves) {
    auto level = leaf_hashes(leaves);
    std::vector<MerkleProof> proofs(leaves.size());
    for (std::size_t i = 0; i < proofs.size(); ++i) {
        proofs[i].total = leaves.size();
        proofs[i].index = i;
        proofs[i].leaf_hash = level[i];
    }
    for (unsigned height = 0; level.size() > 1; ++height) {
        for (std::size_t i = 0; i < proofs.size(); ++i) {
            const auto sibling = (i >> height) ^ 1;
            if (sibling < level.size()) proofs[i].aunts.push_back(level[sibling]);
        }
        level = level_above(level);
    }
    return proofs;
}

bool verify_merkle_proof(const MerkleProof& proof, BytesView leaf, const Hash& root) {
    if (proof.index >= proof.total || merkle_leaf(leaf) != proof.leaf_hash) return false;
    return climb(proof) == root;
}

}  // namespace valence::da
