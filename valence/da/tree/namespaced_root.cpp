#include "valence/da/tree/namespaced_root.hpp"

#include "valence/crypto/sha256_batch.hpp"

namespace valence::da {
namespace {

constexpr std::size_t kLeafMessage = 1 + Namespace::kSize + kShareSize;
constexpr std::size_t kNodeMessage = 1 + 2 * NamespacedHash::kSize;
/// Messages written out before they are hashed: few enough to stay in the first-level cache.
constexpr std::size_t kBatch = 16;

/// As make_namespaced_hash of the children's range and the digest, without a copy; `to` may be `left`.
void write_parent(NamespacedHash& to, const NamespacedHash& left, const NamespacedHash& right,
                  const Hash& digest) {
    constexpr auto kSize = Namespace::kSize;
    // Left of parity is the greatest namespace that counts (greatest_namespace); all parity is its own.
    const bool only_left = right.is_parity();
    std::memmove(to.data() + kSize, (only_left ? left : right).data() + kSize, kSize);
    std::memmove(to.data(), left.data(), kSize);
    std::memcpy(to.data() + 2 * kSize, digest.data(), Hash::kSize);
}

}  // namespace

bool hash_level(std::span<const NamespacedHash> nodes, std::span<NamespacedHash> above) {
    std::array<std::uint8_t, kBatch * kNodeMessage> messages;
    std::array<Hash, kBatch> digests;
    const auto pairs = nodes.size() / 2;
    for (std::size_t at = 0; at < pairs; at += kBatch) {
        const auto count = std::min(kBatch, pairs - at);
        for (std::size_t i = 0; i < count; ++i) {
            const auto* pair = &nodes[2 * (at + i)];
            if (pair[0].overlaps(pair[1])) return false;
            auto* message = messages.data() + i * kNodeMessage;
            *message = 1;
            std::memcpy(message + 1, pair, 2 * NamespacedHash::kSize);
        }
        crypto::sha256_batch(BytesView{messages}.first(count * kNodeMessage), kNodeMessage,
                             std::span{digests}.first(count));
        for (std::size_t i = 0; i < count; ++i) {
            const auto* pair = &nodes[2 * (at + i)];
            write_parent(above[at + i], pair[0], pair[1], digests[i]);
        }
    }
    if (nodes.size() % 2 != 0) above[pairs] = nodes.back();
    return true;
}

std::optional<NamespacedHash> namespaced_root(std::vector<NamespacedHash> nodes) {
    if (nodes.empty()) return empty_root();
    std::span<NamespacedHash> level{nodes};
    while (level.size() > 1) {
        const auto above = level.first((level.size() + 1) / 2);
        if (!hash_level(level, above)) return std::nullopt;
        level = above;
    }
    return nodes.front();
}

void hash_leaves(std::span<const Share> shares, const std::function<Namespace(std::size_t)>& names,
                 std::span<Hash> digests) {
    std::array<std::uint8_t, kBatch * kLeafMessage> messages;
    for (std::size_t at = 0; at < shares.size(); at += kBatch) {
        const auto count = std::min(kBatch, shares.size() - at);
        for (std::size_t i = 0; i < count; ++i) {
            auto* message = messages.data() + i * kLeafMessage;
            const auto name = names(at + i);
            *message = 0;
            std::memcpy(message + 1, name.data(), Namespace::kSize);
            std::memcpy(message + 1 + Namespace::kSize, shares[at + i].data(), kShareSize);
        }
        crypto::sha256_batch(BytesView{messages}.first(count * kLeafMessage), kLeafMessage,
                             digests.subspan(at, count));
    }
}

}  // namespace valence::da
