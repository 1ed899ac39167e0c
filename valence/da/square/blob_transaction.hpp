// The two envelopes around a transaction that pays for blobs.
//
//   BlobTransaction   as it is sent and as a block's list of transactions has it: with the blobs
//   IndexWrapper      as the square has it: with the place of each blob's first share instead
//
// Both are protobuf messages with a type id, by which they are told from other transactions.
// Source: celestia-core, proto/tendermint/types/types.proto; go-square, proto/blob.
#pragma once

#include "valence/da/square/blob.hpp"

namespace valence::da {

struct BlobTransaction {
    /// The signed transaction, opaque here.
    Bytes transaction;
    std::vector<Blob> blobs;

    bool operator==(const BlobTransaction&) const = default;
};

struct IndexWrapper {
    Bytes transaction;
    std::vector<std::uint32_t> share_indexes;

    bool operator==(const IndexWrapper&) const = default;
};

/// Nothing when the bytes are some other transaction: they are not such a message, or of another type.
/// Errors: bad_message or those of check_blob when they are one, but without blobs or with one not allowed.
Result<std::optional<BlobTransaction>> parse_blob_transaction(BytesView bytes);
Bytes encode_blob_transaction(const BlobTransaction& transaction);

/// Errors: bad_message.
Result<IndexWrapper> parse_index_wrapper(BytesView bytes);
Bytes encode_index_wrapper(const IndexWrapper& wrapper);

}  // namespace valence::da
