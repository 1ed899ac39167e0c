#include "valence/da/extended/extended_square.hpp"

#include <fmt/format.h>

#include "valence/base/parallel.hpp"
#include "valence/da/coding/reed_solomon.hpp"
#include "valence/da/da_error.hpp"
#include "valence/da/extended/line.hpp"

namespace valence::da {
namespace {

/// Columns whose parity one task computes: their shares lie beside each other.
constexpr std::size_t kColumnsAtOnce = 8;

/// The width of a square of so many shares; nothing when there is none.
std::optional<std::size_t> exact_width(std::size_t shares, std::size_t most) {
    const auto width = square_width_for(shares);
    if (width * width != shares || width > most) return std::nullopt;
    return width;
}

}  // namespace

Namespace leaf_namespace(const Share& share, Cell cell, std::size_t width) {
    return cell.row < width / 2 && cell.column < width / 2 ? share_namespace(share) : kParityNamespace;
}

Result<ExtendedSquare> ExtendedSquare::extend(std::span<const Share> square) {
    const auto half = exact_width(square.size(), kMaxSquareWidth);
    if (!half) return Error{DaError::bad_size, fmt::format("{} shares", square.size())};
    const auto k = *half;
    const auto width = 2 * k;
    Storage shares(width * width);
    const auto row_bytes = static_cast<std::ptrdiff_t>(width * kShareSize);
    base::for_each_of(k, [&](std::size_t row) {
        auto* const data = shares[row * width].data();
        std::copy_n(square.begin() + static_cast<std::ptrdiff_t>(row * k), k, shares.begin() + row * width);
        encode(k, {data, kShareSize, kShareSize}, {data + k * kShareSize, kShareSize, kShareSize});
    });
    base::for_each_of((width + kColumnsAtOnce - 1) / kColumnsAtOnce, [&](std::size_t group) {
        const auto column = group * kColumnsAtOnce;
        auto* const data = shares[column].data();
        const auto bytes = std::min(kColumnsAtOnce, width - column) * kShareSize;
        encode(k, {data, row_bytes, bytes},
               {data + static_cast<std::ptrdiff_t>(k) * row_bytes, row_bytes, bytes});
    });
    return ExtendedSquare{width, std::move(shares)};
}

Result<ExtendedSquare> ExtendedSquare::from_shares(std::span<const Share> shares) {
    const auto width = exact_width(shares.size(), 2 * kMaxSquareWidth);
    if (!width || *width < 2) return Error{DaError::bad_size, fmt::format("{} shares", shares.size())};
    return ExtendedSquare{*width, Storage(shares.begin(), shares.end())};
}

std::vector<Share> ExtendedSquare::data() const {
    std::vector<Share> data;
    const auto k = width_ / 2;
    data.reserve(k * k);
    for (std::size_t r = 0; r < k; ++r)
        data.insert(data.end(), row(r).begin(), row(r).begin() + static_cast<std::ptrdiff_t>(k));
    return data;
}

Result<NamespacedTree> ExtendedSquare::tree(AxisIndex line) const {
    std::vector<Share> along;
    along.reserve(width_);
    for (std::size_t i = 0; i < width_; ++i)
        along.push_back(at(cell_at(line, i)));
    auto leaves = line_leaves(line, along);
    return NamespacedTree::build(std::move(leaves));
}

}  // namespace valence::da
