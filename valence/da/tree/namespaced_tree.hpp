// Namespaced Merkle trees, kept whole so that proofs can be made. Leaves are in the order of their
// namespaces; a tree of n leaves splits at the greatest power of two below n, as RFC 6962 has it.
#pragma once

#include <vector>

#include "valence/da/tree/namespaced_proof.hpp"

namespace valence::da {

class NamespacedTree {
public:
    /// Errors: unordered.
    static Result<NamespacedTree> build(std::vector<NamespacedHash> leaves);

    const NamespacedHash& root() const { return root_; }
    std::size_t size() const { return levels_.front().size(); }
    std::span<const NamespacedHash> leaves() const { return levels_.front(); }

    /// The root of the leaves [begin, begin + width), for a power of two that divides `begin`; fewer where
    /// the tree ends.
    const NamespacedHash& subtree(std::size_t begin, std::size_t width) const;

    /// That the leaves [begin, end) are in the tree; begin < end ≤ size().
    NamespacedProof prove(std::size_t begin, std::size_t end) const;

    /// That the leaves of a namespace are these and no others; or that there are none.
    NamespacedProof prove(const Namespace& name) const;

private:
    explicit NamespacedTree(std::vector<std::vector<NamespacedHash>> levels);
    void prove(std::size_t begin, std::size_t width, NamespacedProof& proof) const;

    /// From the leaves up; an odd last node rises as it is.
    std::vector<std::vector<NamespacedHash>> levels_;
    NamespacedHash root_;
};

}  // namespace valence::da
