// Nodes of namespaced Merkle trees: a digest with the least and the greatest namespace below it.
//
//     leaf  = ns ‖ ns ‖ SHA-256(0x00 ‖ ns ‖ data)
//     node  = min ‖ max ‖ SHA-256(0x01 ‖ left ‖ right)
//
// Parity's namespace does not count as a greatest one, unless there is no other. Source: celestiaorg/nmt,
// docs/spec/nmt.md, with the option to ignore the maximal namespace, which Celestia sets.
#pragma once

#include <optional>

#include "valence/da/namespace.hpp"

namespace valence::da {

struct NamespacedHash : base::FixedBytes<2 * Namespace::kSize + Hash::kSize> {
    using FixedBytes::FixedBytes;
    constexpr auto operator<=>(const NamespacedHash&) const = default;

    Namespace min() const { return base::from_exact<Namespace>(BytesView{bytes}.first(Namespace::kSize)); }
    Namespace max() const {
        return base::from_exact<Namespace>(BytesView{bytes}.subspan(Namespace::kSize, Namespace::kSize));
    }
    /// As max() > other.min(), but quicker: trees compare every pair of neighbours.
    bool overlaps(const NamespacedHash& other) const {
        return std::memcmp(data() + Namespace::kSize, other.data(), Namespace::kSize) > 0;
    }
    /// Whether there is nothing but parity below.
    bool is_parity() const { return std::memcmp(data(), kParityNamespace.data(), Namespace::kSize) == 0; }
    Hash digest() const { return base::from_exact<Hash>(BytesView{bytes}.last(Hash::kSize)); }
};

NamespacedHash make_namespaced_hash(const Namespace& min, const Namespace& max, const Hash& digest);

/// The greatest namespace below a node: its right child's, unless that has only parity.
Namespace greatest_namespace(const NamespacedHash& left, const NamespacedHash& right);

NamespacedHash hash_leaf(const Namespace& name, BytesView data);

/// Nothing when the two are out of order: the greatest namespace on the left is above the least on the right.
std::optional<NamespacedHash> hash_node(const NamespacedHash& left, const NamespacedHash& right);

/// The root of a tree without leaves.
NamespacedHash empty_root();

}  // namespace valence::da
