// Where blobs may begin in a square, so that the trees over its rows contain the trees over each blob.
//
// A blob's commitment is made of subtrees of at most `subtree_width` shares. A blob begins at a multiple of
// that width: then each of its subtrees is one of a row's tree, wherever the blob comes to lie.
// Source: celestia-app, docs/architecture/adr-013 and specs/src/data_square_layout.md.
#pragma once

#include <cstddef>
#include <vector>

namespace valence::da {

/// A blob has about this many subtrees at most, by growing their width.
inline constexpr std::size_t kSubtreeRootThreshold = 64;

/// Shares in a row of the largest square before it is extended.
inline constexpr std::size_t kMaxSquareWidth = 512;

/// The least power of two not below `value`; 1 for 0.
std::size_t round_up_to_power_of_two(std::size_t value);

/// The width of the least square of so many shares: a power of two, at least 1.
std::size_t square_width_for(std::size_t shares);

/// Of the largest subtree of a blob of so many shares; a power of two.
std::size_t subtree_width(std::size_t shares, std::size_t threshold = kSubtreeRootThreshold);

/// Where a blob of so many shares may begin at `cursor` or behind it.
std::size_t next_blob_index(std::size_t cursor, std::size_t shares,
                            std::size_t threshold = kSubtreeRootThreshold);

/// The sizes of the subtrees of `shares` shares, none above `width`: a Merkle mountain range.
std::vector<std::size_t> mountain_sizes(std::size_t shares, std::size_t width);

}  // namespace valence::da
