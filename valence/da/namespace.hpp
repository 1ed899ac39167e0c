// Namespaces: whose data a share holds.
//
// 29 bytes: a version, then an id of 28. Version 0 leaves its users the last ten bytes of the id, the others
// being zero; version 255 is the protocol's. Source: celestia-app, specs/src/namespace.md.
#pragma once

#include "valence/base/base.hpp"

namespace valence::da {

/// Ordered as bytes, which is the order of shares in a square.
struct Namespace : base::FixedBytes<29> {
    using FixedBytes::FixedBytes;
    constexpr auto operator<=>(const Namespace&) const = default;

    constexpr std::uint8_t version() const { return bytes[0]; }
    BytesView id() const { return BytesView{bytes}.subspan(1); }
};

/// Bytes of a version-0 namespace that its user chooses.
inline constexpr std::size_t kUserIdSize = 10;

namespace namespace_detail {
constexpr Namespace primary(std::uint8_t last) {
    Namespace n;
    n.bytes.back() = last;
    return n;
}
constexpr Namespace secondary(std::uint8_t last) {
    Namespace n;
    n.bytes.fill(0xff);
    n.bytes.back() = last;
    return n;
}
}  // namespace namespace_detail

/// Transactions that pay for no blob.
inline constexpr Namespace kTransactionNamespace = namespace_detail::primary(0x01);
/// Transactions that pay for blobs.
inline constexpr Namespace kPayForBlobNamespace = namespace_detail::primary(0x04);
/// Padding between transactions and the first blob; all namespaces up to it are the protocol's.
inline constexpr Namespace kReservedPaddingNamespace = namespace_detail::primary(0xff);
/// Padding behind the last blob.
inline constexpr Namespace kTailPaddingNamespace = namespace_detail::secondary(0xfe);
/// Every share outside the first quadrant of an extended square.
inline constexpr Namespace kParityNamespace = namespace_detail::secondary(0xff);
/// All namespaces from it on are the protocol's.
inline constexpr Namespace kFirstSecondaryNamespace = namespace_detail::secondary(0x00);

/// The namespace of version 0 with this id, of at most kUserIdSize bytes, zero-extended on the left.
/// Errors: bad_namespace when it is longer or reserved.
Result<Namespace> user_namespace(BytesView id);

/// Any well-formed namespace. Errors: bad_namespace for a wrong length, an unknown version, or an id that is
/// not zero where its version demands it.
Result<Namespace> parse_namespace(BytesView bytes);

/// Well-formed and not the protocol's: one that blobs may be posted to. Errors: bad_namespace.
Result<void> check_blob_namespace(const Namespace& n);

constexpr bool is_reserved(const Namespace& n) {
    return n <= kReservedPaddingNamespace || n >= kFirstSecondaryNamespace;
}

}  // namespace valence::da
