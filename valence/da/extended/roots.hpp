// The roots of an extended square's rows and columns, and the data root above them: what a header commits to.
// Celestia's data availability header.
#pragma once

#include "valence/da/extended/extended_square.hpp"
#include "valence/da/inclusion/commitment_proof.hpp"

namespace valence::da {

struct SquareRoots {
    std::vector<NamespacedHash> rows;
    std::vector<NamespacedHash> columns;

    /// Shares in a row of the extended square.
    std::size_t width() const { return rows.size(); }
    const NamespacedHash& of(AxisIndex line) const {
        return line.axis == Axis::row ? rows[line.index] : columns[line.index];
    }
    /// The Merkle root over all rows' roots and then all columns'.
    Hash data_root() const;

    bool operator==(const SquareRoots&) const = default;
};

/// Errors: unordered.
Result<SquareRoots> roots_of(const ExtendedSquare& square);

/// Whether there are as many rows as columns, and as many as an extended square may have. Errors: bad_size.
Result<void> check_roots(const SquareRoots& roots);

/// That rows first … last are in the data root. Rows only: columns are leaves behind them.
RowProof prove_rows(const SquareRoots& roots, std::size_t first, std::size_t last);

/// That the `share_count` shares from `index` on, counted along the rows of the square of data, are the blob
/// of a commitment. Errors: bad_size when they are not within the square; unordered.
Result<CommitmentProof> prove_commitment(const ExtendedSquare& square, const SquareRoots& roots,
                                         std::size_t index, std::size_t share_count,
                                         std::size_t threshold = kSubtreeRootThreshold);

}  // namespace valence::da
