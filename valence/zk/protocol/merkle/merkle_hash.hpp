// The hashes of a Merkle tree: BLAKE3 in one derive_key mode for leaves and another for nodes, so that a leaf
// can never pass for a node. A tree has 2^m leaves, all equally long; its root is that of the top node, or
// the only leaf's digest.
#pragma once

#include <span>

#include "valence/crypto/blake3_batch.hpp"

namespace valence::zk {

const crypto::Blake3Key& merkle_leaf_key();
const crypto::Blake3Key& merkle_node_key();

/// Digest i: that of the node over children 2i and 2i + 1. `children` is twice as long as `nodes`.
void hash_merkle_nodes(std::span<const Hash> children, std::span<Hash> nodes);

}  // namespace valence::zk
