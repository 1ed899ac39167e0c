// The square of a block: its transactions and blobs as shares, in one order that everybody finds.
//
//     transactions ‖ transactions paying for blobs ‖ padding ‖ blobs by namespace, with padding ‖ padding
//
// Source: celestia-app, specs/src/data_square_layout.md; go-square's builder for how much room is set aside.
#pragma once

#include "valence/da/square/blob_transaction.hpp"
#include "valence/da/square/layout.hpp"

namespace valence::da {

/// Where a blob of a block lies.
struct BlobPlace {
    /// Of the transaction that pays for it, among all of the block.
    std::size_t transaction = 0;
    /// Of the blob, among those of the transaction.
    std::size_t blob = 0;
    /// Of its first share.
    std::size_t index = 0;
    std::size_t share_count = 0;
};

struct Square {
    /// Shares in a row: a power of two.
    std::size_t width = 1;
    /// width², row after row.
    std::vector<Share> shares;
    /// In the order of their shares.
    std::vector<BlobPlace> blobs;
};

/// The square of a block of these transactions; of none, one share of padding. Errors: bad_order when one
/// that pays for no blob follows one that does; square_full when they need more than max_width² shares (room
/// is set aside for the most padding each blob may need); those of parse_blob_transaction.
Result<Square> build_square(std::span<const Bytes> transactions, std::size_t max_width = kMaxSquareWidth);

/// The transactions of a block, from its square: the inverse. Errors: those of parsing shares; bad_sequence
/// when a transaction names a share at which no blob begins, or one that is named already.
Result<std::vector<Bytes>> square_transactions(std::span<const Share> shares);

}  // namespace valence::da
