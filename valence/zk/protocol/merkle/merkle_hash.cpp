#include "valence/zk/protocol/merkle/merkle_hash.hpp"

namespace valence::zk {

const crypto::Blake3Key& merkle_leaf_key() {
    static const auto key = crypto::Blake3Key::of_context("Valence 2026-11 Merkle leaf");
    return key;
}

const crypto::Blake3Key& merkle_node_key() {
    static const auto key = crypto::Blake3Key::of_context("Valence 2026-11 Merkle node");
    return key;
}

void hash_merkle_nodes(std::span<const Hash> children, std::span<Hash> nodes) {
    VALENCE_CHECK(children.size() == 2 * nodes.size());
    const BytesView pairs{reinterpret_cast<const std::uint8_t*>(children.data()), children.size_bytes()};
    crypto::blake3_batch(crypto::Blake3Messages::consecutive(pairs, 2 * Hash::kSize), merkle_node_key(),
                         nodes);
}

}  // namespace valence::zk
