// An extended square of which some shares are known, and its repair: any row or column of which half is known
// gives the rest of it, which may complete others, until nothing more follows.
#pragma once

#include <variant>

#include "valence/da/extended/sample.hpp"

namespace valence::da {

class PartialSquare {
public:
    /// Nothing known. `width` is that of the extended square: a power of two, 2 … 2·kMaxSquareWidth.
    explicit PartialSquare(std::size_t width);

    std::size_t width() const { return width_; }
    bool knows(Cell cell) const { return known_[cell.row * width_ + cell.column]; }
    const Share& at(Cell cell) const { return shares_[cell.row * width_ + cell.column]; }
    /// Takes a share for right: verify its sample first.
    void put(Cell cell, const Share& share);
    std::size_t known_on(AxisIndex line) const;

private:
    friend class Repair;

    std::size_t width_;
    std::vector<Share> shares_;
    std::vector<bool> known_;
};

/// A row or column that is no codeword, or not the one its root commits to: its block's producer cheated.
struct WrongLine {
    AxisIndex line;
};

/// Fills in all that follows from what is known, comparing every completed row and column with its root and
/// with its own parity. What it found stays in `partial` even when it fails. Errors: bad_size when the roots
/// are those of another size; unrepairable when shares remain unknown.
Result<std::variant<ExtendedSquare, WrongLine>> repair(PartialSquare& partial, const SquareRoots& roots);

}  // namespace valence::da
