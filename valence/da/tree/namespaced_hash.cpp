#include "valence/da/tree/namespaced_hash.hpp"

#include "valence/crypto/sha256.hpp"

namespace valence::da {
namespace {

constexpr std::uint8_t kLeafPrefix = 0;
constexpr std::uint8_t kNodePrefix = 1;

}  // namespace

NamespacedHash make_namespaced_hash(const Namespace& min, const Namespace& max, const Hash& digest) {
    NamespacedHash hash;
    auto* at = std::copy(min.begin(), min.end(), hash.data());
    at = std::copy(max.begin(), max.end(), at);
    std::copy(digest.begin(), digest.end(), at);
    return hash;
}

Namespace greatest_namespace(const NamespacedHash& left, const NamespacedHash& right) {
    if (left.is_parity()) return kParityNamespace;
    return right.is_parity() ? left.max() : right.max();
}

NamespacedHash hash_leaf(const Namespace& name, BytesView data) {
    Bytes message;
    message.reserve(1 + Namespace::kSize + data.size());
    message.push_back(kLeafPrefix);
    base::append(message, name);
    base::append(message, data);
    return make_namespaced_hash(name, name, crypto::sha256(message));
}

std::optional<NamespacedHash> hash_node(const NamespacedHash& left, const NamespacedHash& right) {
    if (left.overlaps(right)) return std::nullopt;
    std::array<std::uint8_t, 1 + 2 * NamespacedHash::kSize> message;
    message[0] = kNodePrefix;
    std::copy(left.begin(), left.end(), message.begin() + 1);
    std::copy(right.begin(), right.end(), message.begin() + 1 + NamespacedHash::kSize);
    return make_namespaced_hash(left.min(), greatest_namespace(left, right), crypto::sha256(message));
}

NamespacedHash empty_root() { return make_namespaced_hash({}, {}, crypto::sha256({})); }

}  // namespace valence::da
