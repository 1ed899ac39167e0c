#include "valence/state/trie/node_record.hpp"

#include "valence/state/trie/node_source.hpp"

namespace valence::state {
namespace {

bool is_stored_ref(BytesView bytes) { return bytes[0] > 0 && bytes[0] <= 32; }

/// The body of a child that begins `bytes`, its size; 0 when none does.
std::size_t checked_body_size(Child::Kind kind, BytesView bytes, std::size_t depth) {
    if (kind == Child::Kind::leaf) {
        if (bytes.size() < kLeafValueOffset || !is_stored_ref(bytes.subspan(kLeafRefOffset))) return 0;
        const auto size = kLeafValueOffset + bytes[kLeafValueOffset - 1];
        return bytes[kLeafValueOffset - 1] != 0 && size <= bytes.size() ? size : 0;
    }
    if (bytes.size() < kOuterRefOffset || !is_stored_ref(bytes)) return 0;
    const std::size_t extension = bytes[kExtensionSizeOffset];
    const auto size = branch_body_size(extension);
    // A branch has a key below it, so its path is shorter than a key.
    if (size > bytes.size() || depth + extension >= 64) return 0;
    if (extension == 0) return size;
    const auto nibbles = bytes.subspan(kExtensionOffset, extension);
    const bool good = is_stored_ref(bytes.subspan(kOuterRefOffset)) &&
                      std::all_of(nibbles.begin(), nibbles.end(), [](auto nibble) { return nibble < 16; });
    return good ? size : 0;
}

}  // namespace

NodeKey account_trie_prefix() { return {std::uint8_t{0}}; }

NodeKey storage_trie_prefix(const Hash& hashed_address) {
    NodeKey key{std::uint8_t{1}};
    key.insert(key.end(), hashed_address.begin(), hashed_address.end());
    return key;
}

void store_ref(std::uint8_t* to, const NodeRef& ref) {
    if (ref.is_hash()) {
        to[0] = 32;
        std::memcpy(to + 1, ref.bytes.data() + 1, 32);
        return;
    }
    std::memset(to, 0, kStoredRefSize);
    to[0] = ref.size;
    std::memcpy(to + 1, ref.bytes.data(), ref.size);
}

NodeRef load_ref(const std::uint8_t* from) {
    if (from[0] == 32) return ref_to_hash(base::from_exact<Hash>({from + 1, 32}));
    NodeRef ref;
    ref.size = from[0];
    std::memcpy(ref.bytes.data(), from + 1, ref.size);
    return ref;
}

std::optional<std::array<Child, 16>> parse_record(BytesView record, std::size_t depth) {
    if (record.size() < 4 || depth >= 64) return std::nullopt;
    const auto leaves = static_cast<unsigned>(record[0] << 8 | record[1]);
    const auto branches = static_cast<unsigned>(record[2] << 8 | record[3]);
    if ((leaves & branches) != 0 || std::popcount(leaves | branches) < 2) return std::nullopt;
    std::array<Child, 16> children;
    auto rest = record.subspan(4);
    for (unsigned nibble = 0; nibble < 16; ++nibble) {
        if (((leaves | branches) >> nibble & 1) == 0) continue;
        auto& child = children[nibble];
        child.kind = (leaves >> nibble & 1) != 0 ? Child::Kind::leaf : Child::Kind::branch;
        const auto size = checked_body_size(child.kind, rest, depth + 1);
        if (size == 0) return std::nullopt;
        child.body = rest.data();
        rest = rest.subspan(size);
    }
    if (!rest.empty()) return std::nullopt;
    return children;
}

void append_record(Bytes& out, const std::array<Child, 16>& children) {
    unsigned leaves = 0;
    unsigned branches = 0;
    std::size_t size = 4;
    for (unsigned nibble = 0; nibble < 16; ++nibble) {
        const auto& child = children[nibble];
        if (child.is_none()) continue;
        (child.kind == Child::Kind::leaf ? leaves : branches) |= 1u << nibble;
        size += body_size(child);
    }
    out.reserve(out.size() + size);
    for (const auto mask : {leaves, branches}) {
        out.push_back(static_cast<std::uint8_t>(mask >> 8));
        out.push_back(static_cast<std::uint8_t>(mask));
    }
    for (const auto& child : children) {
        if (!child.is_none()) base::append(out, {child.body, body_size(child)});
    }
}

std::optional<RootRow> parse_root_row(BytesView row) {
    if (row.empty()) return std::nullopt;
    RootRow out;
    if (row[0] != 1 && row[0] != 2) return std::nullopt;
    out.root.kind = row[0] == 1 ? Child::Kind::leaf : Child::Kind::branch;
    out.root.body = row.data() + 1;
    const auto size = checked_body_size(out.root.kind, row.subspan(1), 0);
    if (size == 0) return std::nullopt;
    out.record = row.subspan(1 + size);
    const bool has_record = out.root.kind == Child::Kind::branch && out.root.body[kExtensionSizeOffset] == 0;
    if (has_record == out.record.empty()) return std::nullopt;
    return out;
}

void append_root_row(Bytes& out, const Child& root, BytesView record) {
    out.push_back(root.kind == Child::Kind::leaf ? 1 : 2);
    base::append(out, {root.body, body_size(root)});
    base::append(out, record);
}

void append_branch_node(Bytes& out, const std::array<Child, 16>& children) {
    // Sixteen references and a value, which keys of one length leave empty.
    std::size_t size = 17;
    for (const auto& child : children) {
        if (child.is_none()) continue;
        const auto ref = child_ref(child)[0];
        size += ref == 32 ? 32 : ref - 1u;
    }
    append_rlp_list_prefix(out, size);
    for (const auto& child : children) {
        if (child.is_none()) {
            out.push_back(0x80);
            continue;
        }
        const auto* ref = child_ref(child);
        if (ref[0] == 32) out.push_back(0xa0);
        base::append(out, {ref + 1, ref[0]});
    }
    out.push_back(0x80);
}

void append_extension_node(Bytes& out, BytesView nibbles, const NodeRef& child) {
    std::array<std::uint8_t, 32> packed{};
    // An odd nibble count keeps its first nibble in the flag byte, so packing from the second half byte lines
    // both up.
    const auto shift = nibbles.size() % 2;
    for (std::size_t i = 0; i < nibbles.size(); ++i) {
        const auto at = i + shift;
        packed[at / 2] |= static_cast<std::uint8_t>(at % 2 == 0 ? nibbles[i] << 4 : nibbles[i]);
    }
    append_extension(out, packed, shift, shift + nibbles.size(), child);
}

}  // namespace valence::state
