// Blobs: what users post, and the sparse shares they become.
#pragma once

#include <optional>

#include "valence/da/square/share.hpp"

namespace valence::da {

struct Blob {
    Namespace name;
    std::uint8_t version = kShareVersionPlain;
    Bytes data;
    /// In version 1 only: the account that pays for it.
    std::optional<Address> signer;

    bool operator==(const Blob&) const = default;
};

/// No blob is longer: what a square of the largest width could hold.
inline constexpr std::size_t kMaxBlobSize = std::size_t{128} << 20;

/// Errors: bad_namespace, and bad_blob for no data, too much of it, an unknown version, or a signer that is
/// missing or too many.
Result<void> check_blob(const Blob& blob);

/// How many shares a blob of `size` bytes takes; at least one.
std::size_t blob_share_count(std::size_t size, std::uint8_t version);

/// The shares of a blob that check_blob accepts, appended.
void append_blob_shares(const Blob& blob, std::vector<Share>& shares);

/// A blob, and the index of its first share among those it was read from.
struct PlacedBlob {
    std::size_t index = 0;
    Blob blob;
};

/// All blobs in a run of shares of one or more namespaces, without padding; as the shares of blobs in a
/// square are. Errors: those of share_fields; bad_sequence when a blob does not end within the run or shares
/// follow that belong to none.
Result<std::vector<PlacedBlob>> parse_blobs(std::span<const Share> shares);

}  // namespace valence::da
