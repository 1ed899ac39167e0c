#include "valence/zk/prover/merkle/merkle_tree.hpp"

#include <bit>

#include "valence/base/parallel.hpp"
#include "valence/zk/protocol/merkle/merkle_hash.hpp"

namespace valence::zk {
namespace {

/// Bytes hashed that are worth a task: some 50 µs.
constexpr std::size_t kTaskBytes = std::size_t{128} << 10;

/// body(first, count) over 0 … total − 1, in parts of `grain` or more items.
template <typename Body>
void for_parts(std::size_t total, std::size_t grain, const Body& body) {
    if (total <= grain) return body(0, total);
    base::in_pieces(total, grain, [&](std::size_t begin, std::size_t end) { body(begin, end - begin); });
}

}  // namespace

void hash_leaves(const crypto::Blake3Messages& leaves, std::size_t first, std::size_t count,
                 Table<Hash>& to) {
    for_parts(count, kTaskBytes / std::max<std::size_t>(leaves.length(), 64) + 1,
              [&](std::size_t begin, std::size_t part) {
                  crypto::blake3_batch(leaves.from(first + begin), merkle_leaf_key(),
                                       std::span(to.data() + first + begin, part));
              });
}

MerkleTree::MerkleTree(const crypto::Blake3Messages& leaves, int log_leaves) {
    VALENCE_CHECK(log_leaves >= 0 && log_leaves < 40);
    Table<Hash>& bottom = levels_.emplace_back(std::size_t{1} << log_leaves);
    hash_leaves(leaves, 0, bottom.size(), bottom);
    add_nodes();
}

MerkleTree::MerkleTree(Table<Hash> digests) {
    VALENCE_CHECK(std::has_single_bit(digests.size()));
    levels_.push_back(std::move(digests));
    add_nodes();
}

void MerkleTree::add_nodes() {
    levels_.reserve(static_cast<std::size_t>(std::countr_zero(levels_.back().size())) + 1);
    while (levels_.back().size() > 1) {
        const std::span<const Hash> children = levels_.back().span();
        Table<Hash>& nodes = levels_.emplace_back(children.size() / 2);
        for_parts(nodes.size(), kTaskBytes / (2 * Hash::kSize), [&](std::size_t first, std::size_t count) {
            hash_merkle_nodes(children.subspan(2 * first, 2 * count), std::span(nodes.data() + first, count));
        });
    }
}

void MerkleTree::open(const crypto::Blake3Messages& leaves, std::span<const std::uint64_t> positions,
                      ProofWriter& proof) const {
    Bytes leaf(leaves.length());
    for (const auto position : positions) {
        leaves.copy(position, leaf.data());
        proof.put_bytes(leaf);
    }
    std::vector<std::uint64_t> known(positions.begin(), positions.end());
    for (std::size_t level = 0; level + 1 < levels_.size(); ++level) {
        for (std::size_t i = 0; i < known.size(); ++i) {
            const auto sibling = known[i] ^ 1;
            if (i + 1 < known.size() && known[i + 1] == sibling) {
                ++i;
            } else {
                proof.put(levels_[level][sibling]);
            }
        }
        for (auto& position : known)
            position /= 2;
        known.erase(std::unique(known.begin(), known.end()), known.end());
    }
}

}  // namespace valence::zk
