// The extended square: a square of k × k shares and its parity, 2k × 2k, of which every row and every column
// is a codeword (coding/reed_solomon.hpp).
//
//     ┌──────────┬──────────┐
//     │ data     │ parity   │   each row's right half from its left one,
//     ├──────────┼──────────┤   each column's lower half from its upper one
//     │ parity   │ parity   │
//     └──────────┴──────────┘
#pragma once

#include "valence/base/large_pages.hpp"
#include "valence/da/square/layout.hpp"
#include "valence/da/square/share.hpp"
#include "valence/da/tree/namespaced_tree.hpp"

namespace valence::da {

enum class Axis : std::uint8_t { row = 0, column = 1 };

constexpr Axis other(Axis axis) { return axis == Axis::row ? Axis::column : Axis::row; }

/// A row or a column.
struct AxisIndex {
    Axis axis = Axis::row;
    std::size_t index = 0;

    constexpr auto operator<=>(const AxisIndex&) const = default;
};

/// A cell of a square.
struct Cell {
    std::size_t row = 0;
    std::size_t column = 0;

    constexpr auto operator<=>(const Cell&) const = default;
};

/// The cell at a position along a row or column.
constexpr Cell cell_at(AxisIndex line, std::size_t position) {
    return line.axis == Axis::row ? Cell{line.index, position} : Cell{position, line.index};
}

class ExtendedSquare {
public:
    /// Errors: bad_size unless the shares are width² for a power of two up to kMaxSquareWidth.
    static Result<ExtendedSquare> extend(std::span<const Share> square);

    /// From all (2k)² shares, row after row, as they are. Errors: bad_size.
    static Result<ExtendedSquare> from_shares(std::span<const Share> shares);

    /// Shares in a row, parity included: 2k.
    std::size_t width() const { return width_; }
    const Share& at(Cell cell) const { return shares_[cell.row * width_ + cell.column]; }
    std::span<const Share> row(std::size_t index) const {
        return std::span{shares_}.subspan(index * width_, width_);
    }
    std::span<const Share> shares() const { return shares_; }
    /// The k² shares of data, row after row.
    std::vector<Share> data() const;

    /// The tree over a row or column. Errors: unordered, when shares of data are not in the order of their
    /// namespaces.
    Result<NamespacedTree> tree(AxisIndex line) const;

    bool operator==(const ExtendedSquare&) const = default;

private:
    using Storage = std::vector<Share, base::LargePageAllocator<Share>>;

    ExtendedSquare(std::size_t width, Storage shares) : width_(width), shares_(std::move(shares)) {}

    std::size_t width_;
    Storage shares_;
};

/// The namespace under which a share is a leaf: its own in the first quadrant, parity's elsewhere.
Namespace leaf_namespace(const Share& share, Cell cell, std::size_t width);

}  // namespace valence::da
