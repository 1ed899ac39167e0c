// The root of a namespaced Merkle tree that need not be kept, and the leaves of many shares at once: hashed
// several side by side.
#pragma once

#include <span>
#include <vector>

#include "valence/da/square/share.hpp"
#include "valence/da/tree/namespaced_hash.hpp"

namespace valence::da {

/// The level above these nodes: each pair's parent, and an odd last node as it is. `above` may begin where
/// `nodes` does. False when a pair is out of order.
bool hash_level(std::span<const NamespacedHash> nodes, std::span<NamespacedHash> above);

/// Nothing when the leaves are out of order.
std::optional<NamespacedHash> namespaced_root(std::vector<NamespacedHash> leaves);

/// The digests of shares as leaves. `names` answers each one's namespace by its place.
void hash_leaves(std::span<const Share> shares, const std::function<Namespace(std::size_t)>& names,
                 std::span<Hash> digests);

}  // namespace valence::da
