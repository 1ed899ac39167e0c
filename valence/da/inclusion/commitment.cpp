#include "valence/da/inclusion/commitment.hpp"

#include "valence/da/tree/merkle_tree.hpp"
#include "valence/da/tree/namespaced_tree.hpp"

namespace valence::da {

std::vector<NamespacedHash> blob_subtree_roots(const Blob& blob, std::size_t threshold) {
    std::vector<Share> shares;
    append_blob_shares(blob, shares);
    std::vector<NamespacedHash> leaves;
    leaves.reserve(shares.size());
    for (const auto& share : shares)
        leaves.push_back(hash_leaf(blob.name, share));
    std::vector<NamespacedHash> roots;
    auto at = leaves.begin();
    for (const auto size : mountain_sizes(shares.size(), subtree_width(shares.size(), threshold))) {
        const auto end = at + static_cast<std::ptrdiff_t>(size);
        // All leaves have one namespace: they are in order.
        roots.push_back(NamespacedTree::build({at, end}).value().root());
        at = end;
    }
    return roots;
}

Hash blob_commitment(const Blob& blob, std::size_t threshold) {
    return merkle_root_of(blob_subtree_roots(blob, threshold));
}

}  // namespace valence::da
