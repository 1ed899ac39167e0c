// Samples: one share of an extended square, with the proof that it is where it claims to be. What light
// clients draw, and what squares are repaired from and wrong coding is shown with.
#pragma once

#include "valence/da/extended/roots.hpp"

namespace valence::da {

struct Sample {
    Cell cell;
    Share share;
    /// Whether the proof is in the tree of the cell's row or of its column.
    Axis axis = Axis::row;
    NamespacedProof proof;

    /// The row or column whose tree the proof is in.
    AxisIndex line() const { return {axis, axis == Axis::row ? cell.row : cell.column}; }
    /// Of the share along it.
    std::size_t position() const { return axis == Axis::row ? cell.column : cell.row; }
};

/// The share at a position, proven in a tree of its row or column, which is `line`.
Sample make_sample(const ExtendedSquare& square, const NamespacedTree& tree, AxisIndex line,
                   std::size_t position);

/// Whether the share is at its cell of a square with these roots. Total.
bool verify_sample(const Sample& sample, const SquareRoots& roots);

/// Protobuf: row, column, share, axis, proof. Errors: bad_message, bad_share, bad_proof.
Bytes encode_sample(const Sample& sample);
Result<Sample> parse_sample(BytesView bytes);

}  // namespace valence::da
