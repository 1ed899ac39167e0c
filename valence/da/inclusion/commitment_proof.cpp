#include "valence/da/inclusion/commitment_proof.hpp"

#include <fmt/format.h>

#include "valence/da/da_error.hpp"

namespace valence::da {
namespace {

Error refused(std::string why) { return {DaError::bad_proof, std::move(why)}; }

/// The width of the square of data whose rows these are: the data root has four leaves for each of them.
/// Nothing when no square has so many, or one of the rows is parity or a column.
std::optional<std::size_t> data_width(const RowProof& rows) {
    const auto leaves = rows.proofs.front().total;
    if (leaves < 4 || leaves > 4 * kMaxSquareWidth || !std::has_single_bit(leaves)) return std::nullopt;
    const auto width = static_cast<std::size_t>(leaves / 4);
    return rows.last < width ? std::optional{width} : std::nullopt;
}

/// How many shares the proofs of all rows are about; nothing when they are not one run of a square of this
/// width: each row but the last is proven to its end, and each but the first from its start.
std::optional<std::size_t> count_shares(const std::vector<NamespacedProof>& rows, std::size_t width) {
    std::size_t shares = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].start >= rows[i].end || rows[i].end > width) return std::nullopt;
        if (i != 0 && rows[i].start != 0) return std::nullopt;
        if (i + 1 != rows.size() && rows[i].end != width) return std::nullopt;
        shares += rows[i].end - rows[i].start;
    }
    return shares;
}

}  // namespace

bool verify_row_proof(const RowProof& proof, const Hash& data_root) {
    const auto& [roots, proofs, first, last] = proof;
    if (roots.empty() || roots.size() != proofs.size()) return false;
    if (last < first || last - first != roots.size() - 1) return false;
    for (std::size_t i = 0; i < roots.size(); ++i) {
        if (proofs[i].index != first + i || proofs[i].total != proofs[0].total) return false;
        if (!verify_merkle_proof(proofs[i], roots[i], data_root)) return false;
    }
    return true;
}

Result<void> verify_commitment_proof(const CommitmentProof& proof, const Hash& data_root,
                                     std::size_t threshold) {
    const auto& rows = proof.subtree_proofs;
    if (threshold == 0) return refused("a threshold of no subtrees");
    if (rows.empty() || rows.size() != proof.rows.roots.size())
        return refused(fmt::format("{} proofs for {} rows", rows.size(), proof.rows.roots.size()));
    if (!verify_row_proof(proof.rows, data_root)) return refused("rows are not in the data root");
    const auto square = data_width(proof.rows);
    if (!square) return refused("rows of no square's data");
    const auto shares = count_shares(rows, *square);
    if (!shares) return refused("the shares proven are not one run");
    const auto width = subtree_width(*shares, threshold);
    std::span<const NamespacedHash> left{proof.subtree_roots};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto count = aligned_sizes(rows[i].start, rows[i].end, width).size();
        if (count > left.size())
            return refused(fmt::format("{} subtree roots are too few", proof.subtree_roots.size()));
        const auto subtrees = left.first(count);
        left = left.subspan(count);
        const auto other = std::find_if(subtrees.begin(), subtrees.end(), [&](const auto& root) {
            return root.min() != proof.name || root.max() != proof.name;
        });
        if (other != subtrees.end()) return refused("a subtree of another namespace");
        if (!verify_subtrees(rows[i], subtrees, width, proof.rows.roots[i], 2 * *square))
            return refused(fmt::format("subtree roots of row {}", i));
    }
    if (!left.empty()) return refused(fmt::format("{} subtree roots too many", left.size()));
    return success();
}

Hash commitment_of(const CommitmentProof& proof) { return merkle_root_of(proof.subtree_roots); }

}  // namespace valence::da
