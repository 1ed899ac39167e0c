#include "da_values.hpp"

#include <fmt/core.h>

#include "valence/base/base64.hpp"

namespace valence::conformance {

Bytes base64_of(const json::value& value) {
    auto bytes = base::from_base64(text_of(value));
    if (!bytes) throw BadFixture("not base64: " + std::string{text_of(value).substr(0, 80)});
    return std::move(*bytes);
}

Bytes exact_bytes_of(const json::value& value, std::size_t size) {
    const auto text = text_of(value);
    const bool hexadecimal = text.size() == 2 * size || text.size() == 2 * size + 2;
    auto bytes = hexadecimal ? bytes_of(value) : base64_of(value);
    if (bytes.size() != size) throw BadFixture(fmt::format("{} bytes instead of {}", bytes.size(), size));
    return bytes;
}

std::uint64_t number_or_zero(const json::value& object, std::string_view key) {
    const auto* value = find(object, key);
    return value == nullptr ? 0 : u64_of(*value);
}

da::NamespacedProof namespaced_proof_of(const json::value& value) {
    da::NamespacedProof proof;
    proof.start = number_or_zero(value, "start");
    proof.end = number_or_zero(value, "end");
    if (const auto* nodes = find(value, "nodes")) proof.nodes = list_of<da::NamespacedHash>(*nodes);
    const auto* leaf = find(value, "leaf_hash");
    if (leaf != nullptr && !text_of(*leaf).empty()) proof.absent_leaf = exact_of<da::NamespacedHash>(*leaf);
    const auto* ignored = find(value, "is_max_namespace_ignored");
    if (ignored == nullptr || !ignored->is_bool() || !ignored->get_bool())
        throw BadFixture("a proof that counts parity as a namespace");
    return proof;
}

}  // namespace valence::conformance
