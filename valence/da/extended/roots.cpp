#include "valence/da/extended/roots.hpp"

#include <fmt/format.h>

#include "valence/base/parallel.hpp"
#include "valence/da/da_error.hpp"
#include "valence/da/tree/namespaced_root.hpp"

namespace valence::da {
namespace {

/// The leaves' digests of all cells: each serves its row and its column.
std::vector<Hash> leaf_digests(const ExtendedSquare& square) {
    const auto width = square.width();
    std::vector<Hash> digests(width * width);
    base::for_each_of(width, [&](std::size_t row) {
        hash_leaves(
            square.row(row),
            [&](std::size_t column) {
                return leaf_namespace(square.at({row, column}), {row, column}, width);
            },
            std::span{digests}.subspan(row * width, width));
    });
    return digests;
}

std::vector<BytesView> data_root_leaves(const SquareRoots& roots) {
    std::vector<BytesView> leaves;
    leaves.reserve(roots.rows.size() + roots.columns.size());
    for (const auto* half : {&roots.rows, &roots.columns}) {
        for (const auto& root : *half)
            leaves.push_back(BytesView{root.bytes});
    }
    return leaves;
}

}  // namespace

Hash SquareRoots::data_root() const { return merkle_root(data_root_leaves(*this)); }

Result<SquareRoots> roots_of(const ExtendedSquare& square) {
    const auto width = square.width();
    const auto digests = leaf_digests(square);
    std::vector<std::optional<NamespacedHash>> found(2 * width);
    base::for_each_of(2 * width, [&](std::size_t line) {
        const AxisIndex axis{line < width ? Axis::row : Axis::column, line % width};
        std::vector<NamespacedHash> leaves(width);
        for (std::size_t i = 0; i < width; ++i) {
            const auto cell = cell_at(axis, i);
            const auto name = leaf_namespace(square.at(cell), cell, width);
            leaves[i] = make_namespaced_hash(name, name, digests[cell.row * width + cell.column]);
        }
        found[line] = namespaced_root(std::move(leaves));
    });
    SquareRoots roots;
    for (std::size_t line = 0; line < 2 * width; ++line) {
        if (!found[line])
            return Error{DaError::unordered,
                         fmt::format("{} {}", line < width ? "row" : "column", line % width)};
        (line < width ? roots.rows : roots.columns).push_back(*found[line]);
    }
    return roots;
}

Result<void> check_roots(const SquareRoots& roots) {
    const auto width = roots.width();
    if (width != roots.columns.size() || width < 2 || width > 2 * kMaxSquareWidth ||
        !std::has_single_bit(width))
        return Error{DaError::bad_size, fmt::format("{} rows, {} columns", width, roots.columns.size())};
    return success();
}

RowProof prove_rows(const SquareRoots& roots, std::size_t first, std::size_t last) {
    VALENCE_CHECK(first <= last && last < roots.rows.size());
    const auto proofs = merkle_proofs(data_root_leaves(roots));
    const auto begin = static_cast<std::ptrdiff_t>(first);
    const auto end = static_cast<std::ptrdiff_t>(last + 1);
    return {{roots.rows.begin() + begin, roots.rows.begin() + end},
            {proofs.begin() + begin, proofs.begin() + end},
            first,
            last};
}

Result<CommitmentProof> prove_commitment(const ExtendedSquare& square, const SquareRoots& roots,
                                         std::size_t index, std::size_t share_count, std::size_t threshold) {
    const auto k = square.width() / 2;
    if (share_count == 0 || index >= k * k || share_count > k * k - index)
        return Error{DaError::bad_size,
                     fmt::format("shares {} to {} of {}", index, index + share_count, k * k)};
    const auto width = subtree_width(share_count, threshold);
    CommitmentProof proof;
    proof.name = share_namespace(square.at({index / k, index % k}));
    const auto end = index + share_count;
    for (auto at = index; at < end;) {
        const auto row = at / k;
        const auto stop = std::min(end, (row + 1) * k);
        BOOST_OUTCOME_TRY(const auto tree, square.tree({Axis::row, row}));
        proof.subtree_proofs.push_back(tree.prove(at - row * k, stop - row * k));
        auto begin = at - row * k;
        for (const auto size : aligned_sizes(begin, stop - row * k, width)) {
            proof.subtree_roots.push_back(tree.subtree(begin, size));
            begin += size;
        }
        at = stop;
    }
    proof.rows = prove_rows(roots, index / k, (end - 1) / k);
    return proof;
}

}  // namespace valence::da
