#include "valence/da/sampling/recovery.hpp"

#include "valence/da/da_error.hpp"
#include "valence/da/extended/partial_square.hpp"
#include "valence/da/inclusion/commitment.hpp"

namespace valence::da {
namespace {

/// Takes what comes of a row, and holds. Error: unreachable.
Result<void> take_row(Layer& layer, const ExtendedHeader& header, std::size_t row, PartialSquare& known) {
    std::vector<Cell> cells;
    for (std::size_t column = 0; column < known.width(); ++column)
        cells.push_back({row, column});
    const auto take = [&](std::span<const Cell> wanted) -> Result<bool> {
        const auto samples = layer.samples(header.height, wanted);
        if (!samples && samples.error() == Error{LayerError::unreachable}) return samples.error();
        if (!samples || samples.value().size() != wanted.size()) return false;
        bool all = true;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const auto& sample = samples.value()[i];
            const bool holds = sample.cell == wanted[i] && verify_sample(sample, header.roots);
            if (holds) known.put(sample.cell, sample.share);
            all = all && holds;
        }
        return all;
    };
    // A node that lacks one share answers none: each by itself then.
    constexpr std::size_t kAtOnce = 1'024;
    for (std::size_t begin = 0; begin < cells.size(); begin += kAtOnce) {
        const auto some = std::span{cells}.subspan(begin, std::min(kAtOnce, cells.size() - begin));
        BOOST_OUTCOME_TRY(const auto all, take(some));
        for (std::size_t i = 0; i < some.size() && !all; ++i) {
            BOOST_OUTCOME_TRYV(take(some.subspan(i, 1)));
        }
    }
    return success();
}

bool covers(const NamespacedHash& root, const Namespace& name) {
    return !(name < root.min()) && !(root.max() < name);
}

/// The blobs of shares that follow each other in a square of width k, the first at this index.
Result<std::vector<LayerBlob>> placed_blobs(std::span<const Share> shares, std::size_t begin, std::size_t k) {
    BOOST_OUTCOME_TRY(auto placed, parse_blobs(shares));
    std::vector<LayerBlob> out;
    for (auto& [index, blob] : placed) {
        const auto at = begin + index;
        const auto commitment = blob_commitment(blob);
        out.push_back({std::move(blob), commitment, at / k * 2 * k + at % k});
    }
    return out;
}

}  // namespace

Result<ExtendedSquare> recover_square(Layer& layer, const ExtendedHeader& header) {
    BOOST_OUTCOME_TRYV(check_header(header));
    PartialSquare known(header.roots.width());
    for (std::size_t row = 0; row < known.width(); ++row) {
        BOOST_OUTCOME_TRYV(take_row(layer, header, row, known));
        // Half of the rows are enough, if all of them came.
        if (row + 1 < known.width() / 2) continue;
        auto repaired = repair(known, header.roots);
        if (!repaired && repaired.error() == Error{DaError::unrepairable} && row + 1 < known.width())
            continue;
        if (!repaired) return repaired.error();
        if (auto* square = std::get_if<ExtendedSquare>(&repaired.value())) return std::move(*square);
        const auto& line = std::get<WrongLine>(repaired.value()).line;
        return Error{DaError::wrong_encoding, "its producer coded " +
                                                  std::string(line.axis == Axis::row ? "row " : "column ") +
                                                  std::to_string(line.index) + " wrongly"};
    }
    return Error{DaError::unrepairable};
}

Result<std::vector<LayerBlob>> blobs_of(const ExtendedSquare& square, const Namespace& name) {
    const auto shares = square.data();
    const auto k = square.width() / 2;
    const auto is_before = [](const Share& share, const Namespace& wanted) {
        return share_namespace(share) < wanted;
    };
    const auto first = std::lower_bound(shares.begin(), shares.end(), name, is_before);
    const auto last =
        std::find_if(first, shares.end(), [&](const Share& share) { return share_namespace(share) != name; });
    return placed_blobs({first, last}, static_cast<std::size_t>(first - shares.begin()), k);
}

bool may_hold(const SquareRoots& roots, const Namespace& name) {
    return std::ranges::any_of(roots.rows, [&](const NamespacedHash& row) { return covers(row, name); });
}

Result<std::vector<LayerBlob>> proven_blobs(const ExtendedHeader& header, const Namespace& name,
                                            std::span<const NamespaceRow> rows) {
    const auto k = header.roots.width() / 2;
    std::vector<Share> shares;
    std::optional<std::size_t> first;
    std::size_t next = 0;
    for (std::size_t row = 0; row < k; ++row) {
        const auto& root = header.roots.rows[row];
        if (!covers(root, name)) continue;
        if (next == rows.size()) return Error{DaError::bad_proof, "a row without a proof"};
        const auto& given = rows[next++];
        std::vector<BytesView> data;
        for (const auto& share : given.shares)
            data.emplace_back(share.bytes);
        if (!verify_namespace(given.proof, name, data, root))
            return Error{DaError::bad_proof, "row " + std::to_string(row)};
        if (!given.shares.empty() && !first) first = row * k + given.proof.start;
        shares.insert(shares.end(), given.shares.begin(), given.shares.end());
    }
    if (next != rows.size()) return Error{DaError::bad_proof, "rows of another namespace"};
    return placed_blobs(shares, first.value_or(0), k);
}

Result<std::vector<LayerBlob>> VerifyingLayer::blobs(std::uint64_t height, const Namespace& name) {
    BOOST_OUTCOME_TRY(const auto header, behind_.header(height));
    BOOST_OUTCOME_TRYV(check_header(header));
    if (!may_hold(header.roots, name)) return std::vector<LayerBlob>{};
    const auto rows = behind_.namespace_rows(height, name);
    const auto is = [&](LayerError error) { return !rows && rows.error() == Error{error}; };
    if (is(LayerError::no_such_height) || is(LayerError::unreachable)) return rows.error();
    auto given = rows ? proven_blobs(header, name, rows.value()) : rows.error();
    if (given) return given;
    const auto square = recover_square(behind_, header);
    if (!square) return Error{square.error().code, given.error().message() + "; " + square.error().message()};
    const std::lock_guard guard(mutex_);
    repaired_.push_back(height);
    return blobs_of(square.value(), name);
}

std::vector<std::uint64_t> VerifyingLayer::repaired() const {
    const std::lock_guard guard(mutex_);
    return repaired_;
}

}  // namespace valence::da
