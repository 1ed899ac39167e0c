#include "valence/da/inclusion/commitment.hpp"

#include "valence/da/tree/merkle_tree.hpp"
#include "valence/da/tree/namespaced_root.hpp"

namespace valence::da {

std::vector<NamespacedHash> blob_subtree_roots(const Blob& blob, std::size_t threshold) {
    std::vector<Share> shares;
    append_blob_shares(blob, shares);
    std::vector<Hash> digests(shares.size());
    hash_leaves(shares, [&](std::size_t) { return blob.name; }, digests);
    std::vector<NamespacedHash> leaves;
    leaves.reserve(shares.size());
    for (const auto& digest : digests)
        leaves.push_back(make_namespaced_hash(blob.name, blob.name, digest));
    std::vector<NamespacedHash> roots;
    auto at = leaves.begin();
    for (const auto size : mountain_sizes(shares.size(), subtree_width(shares.size(), threshold))) {
        const auto end = at + static_cast<std::ptrdiff_t>(size);
        // All leaves have one namespace: they are in order.
        roots.push_back(*namespaced_root({at, end}));
        at = end;
    }
    return roots;
}

Hash blob_commitment(const Blob& blob, std::size_t threshold) {
    return merkle_root_of(blob_subtree_roots(blob, threshold));
}

}  // namespace valence::da
