#include "valence/da/extended/partial_square.hpp"

#include <fmt/format.h>

#include "valence/da/da_error.hpp"
#include "valence/da/extended/line.hpp"

namespace valence::da {

PartialSquare::PartialSquare(std::size_t width)
    : width_(width), shares_(width * width), known_(width * width, false) {
    VALENCE_CHECK(std::has_single_bit(width) && width >= 2 && width <= 2 * kMaxSquareWidth);
}

void PartialSquare::put(Cell cell, const Share& share) {
    shares_[cell.row * width_ + cell.column] = share;
    known_[cell.row * width_ + cell.column] = true;
}

std::size_t PartialSquare::known_on(AxisIndex line) const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < width_; ++i)
        count += knows(cell_at(line, i)) ? 1 : 0;
    return count;
}

/// Goes over all rows and columns until a pass completes none.
class Repair {
public:
    Repair(PartialSquare& partial, const SquareRoots& roots)
        : partial_(partial), roots_(roots), done_(2 * partial.width(), false) {}

    /// The line that is wrong; nothing when all that could be completed is right.
    std::optional<WrongLine> run() {
        for (bool progress = true; progress;) {
            progress = false;
            for (std::size_t i = 0; i < done_.size(); ++i) {
                const AxisIndex line{i < partial_.width() ? Axis::row : Axis::column, i % partial_.width()};
                if (done_[i] || partial_.known_on(line) < partial_.width() / 2) continue;
                if (!complete(line)) return WrongLine{line};
                done_[i] = true;
                progress = true;
            }
        }
        return std::nullopt;
    }

    bool finished() const {
        return std::all_of(done_.begin(), done_.end(), [](bool done) { return done; });
    }
    ExtendedSquare square() const { return ExtendedSquare::from_shares(partial_.shares_).value(); }

private:
    /// Whether the line, filled up, is the codeword of its root. Wrong lines are left as they were.
    bool complete(AxisIndex line) {
        std::vector<Share> shares;
        std::vector<bool> known;
        for (std::size_t i = 0; i < partial_.width(); ++i) {
            shares.push_back(partial_.at(cell_at(line, i)));
            known.push_back(partial_.knows(cell_at(line, i)));
        }
        const auto root = repaired_root(line, shares, known);
        if (!root || *root != roots_.of(line)) return false;
        for (std::size_t i = 0; i < partial_.width(); ++i)
            partial_.put(cell_at(line, i), shares[i]);
        return true;
    }

    PartialSquare& partial_;
    const SquareRoots& roots_;
    /// Rows, then columns.
    std::vector<bool> done_;
};

Result<std::variant<ExtendedSquare, WrongLine>> repair(PartialSquare& partial, const SquareRoots& roots) {
    BOOST_OUTCOME_TRY(check_roots(roots));
    if (roots.width() != partial.width())
        return Error{DaError::bad_size, fmt::format("{} roots for width {}", roots.width(), partial.width())};
    Repair run{partial, roots};
    if (const auto wrong = run.run()) return std::variant<ExtendedSquare, WrongLine>{*wrong};
    if (!run.finished())
        return Error{DaError::unrepairable, "no row or column is left with half of its shares"};
    return std::variant<ExtendedSquare, WrongLine>{run.square()};
}

}  // namespace valence::da
