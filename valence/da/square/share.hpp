// Shares: the 512-byte cells of a square.
//
//     namespace (29) ‖ info (1) ‖ [sequence length (4)] ‖ [signer (20)] ‖ [reserved (4)] ‖ data
//
// Shares of one namespace that hold one thing after another make up a sequence: a blob (sparse shares), or
// all transactions of a namespace (compact shares). The first of a sequence says its length in bytes; in
// version 1 the first of a blob also says who signed for it; each compact share says where in it the first
// transaction begins. Source: celestia-app, specs/src/shares.md.
#pragma once

#include "valence/da/namespace.hpp"

namespace valence::da {

struct Share : base::FixedBytes<512> {
    using FixedBytes::FixedBytes;
    constexpr auto operator<=>(const Share&) const = default;
};

inline constexpr std::size_t kShareSize = Share::kSize;
inline constexpr std::size_t kInfoSize = 1;
inline constexpr std::size_t kSequenceLengthSize = 4;
inline constexpr std::size_t kReservedSize = 4;
inline constexpr std::size_t kSignerSize = Address::kSize;

/// Blobs without a signer, and all compact shares.
inline constexpr std::uint8_t kShareVersionPlain = 0;
/// Blobs whose first share names their signer.
inline constexpr std::uint8_t kShareVersionSigned = 1;

/// Bytes of data in a compact share: the first of its sequence, and any other.
inline constexpr std::size_t kFirstCompactContent =
    kShareSize - Namespace::kSize - kInfoSize - kSequenceLengthSize - kReservedSize;
inline constexpr std::size_t kCompactContent = kFirstCompactContent + kSequenceLengthSize;
/// Bytes of data in a sparse share: the first of a blob without a signer, and any that is not the first.
inline constexpr std::size_t kFirstSparseContent =
    kShareSize - Namespace::kSize - kInfoSize - kSequenceLengthSize;
inline constexpr std::size_t kSparseContent = kFirstSparseContent + kSequenceLengthSize;

/// Where the first share of a sequence has its data begin, for that version.
constexpr std::size_t sparse_data_offset(std::uint8_t version, bool first) {
    const auto signer = version == kShareVersionSigned ? kSignerSize : 0;
    return Namespace::kSize + kInfoSize + (first ? kSequenceLengthSize + signer : 0);
}

/// What every share says about itself.
struct ShareFields {
    Namespace name;
    std::uint8_t version = 0;
    bool starts_sequence = false;
    /// Of the sequence that starts here; 0 in padding and where none starts.
    std::uint32_t sequence_length = 0;
    /// Of the sequence that starts here, in version 1.
    Address signer;

    /// A share that only keeps a place: of a sequence of no bytes.
    bool is_padding() const { return starts_sequence && sequence_length == 0; }
};

/// Reads the fields of a share of the first quadrant. Errors: bad_namespace; bad_share for a version that is
/// not known.
Result<ShareFields> share_fields(const Share& share);

inline Namespace share_namespace(const Share& share) {
    return base::from_exact<Namespace>(BytesView{share.bytes}.first(Namespace::kSize));
}

/// Writes the fields that `fields` has; the rest of the share stays zero.
Share begin_share(const ShareFields& fields);

/// A share of a sequence of no bytes: between blobs in the namespace of the one before, between transactions
/// and blobs in kReservedPaddingNamespace, behind everything in kTailPaddingNamespace.
Share padding_share(const Namespace& name, std::uint8_t version = kShareVersionPlain);

/// The shares of a square written one after the other; its length must be a multiple of 512.
inline std::span<const Share> as_shares(BytesView bytes) {
    static_assert(sizeof(Share) == kShareSize && alignof(Share) == 1);
    return {reinterpret_cast<const Share*>(bytes.data()), bytes.size() / kShareSize};
}

}  // namespace valence::da
