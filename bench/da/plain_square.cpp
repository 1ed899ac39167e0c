#include "bench/da/plain_square.hpp"

#include "valence/da/coding/reed_solomon.hpp"

namespace valence::bench {
namespace {

using da::kShareSize;

/// The second half of a row or column, which begins at `first` and goes on every `step` shares.
void extend_line(std::vector<da::Share>& shares, std::size_t first, std::size_t step, std::size_t k) {
    const auto stride = static_cast<std::ptrdiff_t>(step * kShareSize);
    auto* const data = shares[first].data();
    da::encode(k, {data, stride, kShareSize},
               {data + stride * static_cast<std::ptrdiff_t>(k), stride, kShareSize},
               da::InstructionSet::portable);
}

da::NamespacedHash line_root(std::span<const da::Share> shares, da::AxisIndex line, std::size_t width) {
    std::vector<da::NamespacedHash> nodes;
    for (std::size_t i = 0; i < width; ++i) {
        const auto cell = da::cell_at(line, i);
        const auto& share = shares[cell.row * width + cell.column];
        nodes.push_back(da::hash_leaf(da::leaf_namespace(share, cell, width), share));
    }
    for (; nodes.size() > 1; nodes.resize(nodes.size() / 2)) {
        for (std::size_t i = 0; i < nodes.size() / 2; ++i)
            nodes[i] = da::hash_node(nodes[2 * i], nodes[2 * i + 1]).value();
    }
    return nodes.front();
}

}  // namespace

std::vector<da::Share> plain_extend(std::span<const da::Share> square) {
    const auto k = da::square_width_for(square.size());
    const auto width = 2 * k;
    std::vector<da::Share> shares(width * width);
    for (std::size_t row = 0; row < k; ++row) {
        std::copy_n(&square[row * k], k, &shares[row * width]);
        extend_line(shares, row * width, 1, k);
    }
    for (std::size_t column = 0; column < width; ++column)
        extend_line(shares, column, width, k);
    return shares;
}

da::SquareRoots plain_roots(std::span<const da::Share> extended) {
    const auto width = da::square_width_for(extended.size());
    da::SquareRoots roots;
    for (std::size_t i = 0; i < width; ++i) {
        roots.rows.push_back(line_root(extended, {da::Axis::row, i}, width));
        roots.columns.push_back(line_root(extended, {da::Axis::column, i}, width));
    }
    return roots;
}

}  // namespace valence::bench
