#include "valence/state/trie/node_rlp.hpp"

#include "valence/crypto/keccak.hpp"

namespace valence::state {
namespace {

/// Bytes a string takes with its prefix.
std::size_t rlp_string_size(BytesView value) {
    if (value.size() == 1 && value[0] < 0x80) return 1;
    if (value.size() < 56) return 1 + value.size();
    return 1 + (static_cast<std::size_t>(std::bit_width(value.size())) + 7) / 8 + value.size();
}

void append_prefix(Bytes& out, std::size_t size, std::uint8_t short_base) {
    if (size < 56) {
        out.push_back(static_cast<std::uint8_t>(short_base + size));
        return;
    }
    const auto width = (static_cast<std::size_t>(std::bit_width(size)) + 7) / 8;
    out.push_back(static_cast<std::uint8_t>(short_base + 55 + width));
    for (auto i = width; i-- > 0;)
        out.push_back(static_cast<std::uint8_t>(size >> (8 * i)));
}

using PathBuffer = boost::container::static_vector<std::uint8_t, 40>;

/// The hex-prefixed path on the stack when it is short, as all paths of hashed keys are.
template <typename Use>
void with_path(BytesView key, std::size_t from, std::size_t to, std::uint8_t flag, Use&& use) {
    if (to - from <= 64) {
        PathBuffer path;
        append_hex_prefix(path, key, from, to, flag);
        use(BytesView{path.data(), path.size()});
    } else {
        Bytes path;
        append_hex_prefix(path, key, from, to, flag);
        use(BytesView{path});
    }
}

}  // namespace

void append_rlp_string(Bytes& out, BytesView value) {
    if (value.size() != 1 || value[0] >= 0x80) append_prefix(out, value.size(), 0x80);
    base::append(out, value);
}

void append_rlp_list_prefix(Bytes& out, std::size_t payload_size) { append_prefix(out, payload_size, 0xc0); }

NodeRef ref_to_hash(const Hash& hash) {
    NodeRef ref;
    ref.size = 33;
    ref.bytes[0] = 0xa0;
    std::memcpy(ref.bytes.data() + 1, hash.data(), 32);
    return ref;
}

NodeRef ref_to_node(BytesView node) {
    if (node.size() >= 32) return ref_to_hash(crypto::keccak256(node));
    NodeRef ref;
    ref.size = static_cast<std::uint8_t>(node.size());
    std::memcpy(ref.bytes.data(), node.data(), node.size());
    return ref;
}

Hash root_of_ref(const NodeRef& ref) {
    if (ref.is_hash()) return base::from_exact<Hash>(ref.view().subspan(1));
    return crypto::keccak256(ref.view());
}

void append_leaf(Bytes& out, BytesView key, std::size_t depth, BytesView value) {
    with_path(key, depth, 2 * key.size(), kLeafFlag, [&](BytesView path) {
        append_rlp_list_prefix(out, rlp_string_size(path) + rlp_string_size(value));
        append_rlp_string(out, path);
        append_rlp_string(out, value);
    });
}

void append_extension(Bytes& out, BytesView key, std::size_t from, std::size_t to, const NodeRef& child) {
    with_path(key, from, to, kExtensionFlag, [&](BytesView path) {
        append_rlp_list_prefix(out, rlp_string_size(path) + child.size);
        append_rlp_string(out, path);
        base::append(out, child.view());
    });
}

void append_branch(Bytes& out, std::span<const NodeRef, 16> children, BytesView value) {
    auto size = rlp_string_size(value);
    for (const auto& child : children)
        size += child.size;
    append_rlp_list_prefix(out, size);
    for (const auto& child : children)
        base::append(out, child.view());
    append_rlp_string(out, value);
}

}  // namespace valence::state
