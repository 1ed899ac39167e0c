// The commitment to a blob: what its payer signs, and what proves that a square holds it, wherever in it.
//
// The blob's shares are cut into subtrees of sizes that any square's rows contain (square/layout.hpp); the
// commitment is the Merkle root of their roots. Source: celestia-app, specs/src/data_square_layout.md, "Blob
// share commitment rules".
#pragma once

#include "valence/da/square/blob.hpp"
#include "valence/da/square/layout.hpp"
#include "valence/da/tree/namespaced_hash.hpp"

namespace valence::da {

/// The roots of the subtrees of a blob's shares.
std::vector<NamespacedHash> blob_subtree_roots(const Blob& blob,
                                               std::size_t threshold = kSubtreeRootThreshold);

/// Of a blob that check_blob accepts.
Hash blob_commitment(const Blob& blob, std::size_t threshold = kSubtreeRootThreshold);

}  // namespace valence::da
