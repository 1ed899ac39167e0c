// Openings of several leaves of one Merkle tree: the leaves in the order of their positions, then the digests
// that cannot be computed from them, level by level from the leaves upwards, each from left to right.
// Siblings that are shared or opened themselves are left out; there is one encoding.
#pragma once

#include <span>
#include <vector>

#include "valence/zk/protocol/proof/codec.hpp"

namespace valence::zk {

struct MerkleShape {
    /// The tree has 2^log_leaves leaves.
    int log_leaves = 0;
    std::size_t leaf_bytes = 0;
};

/// Drawn positions in the order in which they are opened: ascending, each once.
std::vector<std::uint64_t> opening_order(std::vector<std::uint64_t> positions);

/// Digests that the opening of these positions (in opening order, at least one) holds beside the leaves; with
/// `count` positions at most count · log_leaves.
std::size_t merkle_sibling_count(const MerkleShape& shape, std::span<const std::uint64_t> positions);

/// Reads an opening of `positions` (in opening order, at least one, each below 2^log_leaves) and checks it
/// against the root. The leaves one after the other, in the proof itself. Memory: 32 bytes for each position.
/// Errors: truncated, merkle_mismatch.
Result<BytesView> receive_merkle_opening(const Hash& root, const MerkleShape& shape,
                                         std::span<const std::uint64_t> positions, ProofReader& proof);

/// The same where leaves are field elements, shape.leaf_bytes being a multiple of theirs: all leaves'
/// elements one after the other. Errors: not_canonical too.
template <FieldElement E>
Result<std::vector<E>> receive_merkle_elements(const Hash& root, const MerkleShape& shape,
                                               std::span<const std::uint64_t> positions, ProofReader& proof) {
    BOOST_OUTCOME_TRY(const auto leaves, receive_merkle_opening(root, shape, positions, proof));
    return ProofReader(leaves).take_all<E>(leaves.size() / (8 * kCoefficients<E>));
}

}  // namespace valence::zk
