// That a square holds the blob of a commitment: its subtree roots, proven to be in rows, and the rows to be
// in the data root. The shape of celestia-node's blob.GetCommitmentProof.
#pragma once

#include "valence/da/square/layout.hpp"
#include "valence/da/tree/merkle_tree.hpp"
#include "valence/da/tree/namespaced_proof.hpp"

namespace valence::da {

/// That consecutive rows are in a data root.
struct RowProof {
    std::vector<NamespacedHash> roots;
    std::vector<MerkleProof> proofs;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};

struct CommitmentProof {
    std::vector<NamespacedHash> subtree_roots;
    /// One for each row.
    std::vector<NamespacedProof> subtree_proofs;
    Namespace name;
    RowProof rows;
};

/// Whether these rows are in the data root, one after the other. Total.
bool verify_row_proof(const RowProof& proof, const Hash& data_root);

/// Errors: bad_proof, saying which part does not hold. Total. What the commitment is follows from the subtree
/// roots (commitment_of).
Result<void> verify_commitment_proof(const CommitmentProof& proof, const Hash& data_root,
                                     std::size_t threshold = kSubtreeRootThreshold);

Hash commitment_of(const CommitmentProof& proof);

}  // namespace valence::da
