#include "valence/da/extended/bad_encoding.hpp"

#include <map>

#include <fmt/format.h>

#include "valence/da/da_error.hpp"
#include "valence/da/extended/line.hpp"
#include "valence/da/square/protobuf.hpp"

namespace valence::da {
namespace {

enum ProofField : std::uint32_t { kAxis = 1, kIndex = 2, kSamples = 3 };

/// The position of a cell on a row or column; nothing when it is not on it.
std::optional<std::size_t> position_on(AxisIndex line, Cell cell) {
    const auto [along, across] =
        line.axis == Axis::row ? std::pair{cell.column, cell.row} : std::pair{cell.row, cell.column};
    return across == line.index ? std::optional{along} : std::nullopt;
}

/// The tree of a row or column of which everything is known; nothing when it does not have its root.
std::optional<NamespacedTree> whole_tree(const PartialSquare& partial, const SquareRoots& roots,
                                         AxisIndex line) {
    if (partial.known_on(line) != partial.width()) return std::nullopt;
    std::vector<Share> shares;
    for (std::size_t i = 0; i < partial.width(); ++i)
        shares.push_back(partial.at(cell_at(line, i)));
    auto tree = NamespacedTree::build(line_leaves(line, shares));
    if (!tree || tree.value().root() != roots.of(line)) return std::nullopt;
    return std::move(tree).value();
}

}  // namespace

Result<BadEncodingProof> prove_bad_encoding(const PartialSquare& partial, const SquareRoots& roots,
                                            AxisIndex line, std::span<const Sample> samples) {
    std::map<std::size_t, Sample> proven;
    for (const auto& sample : samples) {
        const auto position = position_on(line, sample.cell);
        if (position && verify_sample(sample, roots)) proven.emplace(*position, sample);
    }
    // Shares that repairing found have no sample, but the lines across that gave them are complete.
    for (std::size_t i = 0; i < partial.width(); ++i) {
        const AxisIndex across{other(line.axis), i};
        if (proven.contains(i) || !partial.knows(cell_at(line, i))) continue;
        const auto tree = whole_tree(partial, roots, across);
        if (!tree) continue;
        const auto cell = cell_at(line, i);
        proven.emplace(i,
                       Sample{cell, partial.at(cell), across.axis, tree->prove(line.index, line.index + 1)});
    }
    if (proven.size() < partial.width() / 2)
        return Error{DaError::unrepairable, fmt::format("{} shares can be proven", proven.size())};
    BadEncodingProof proof{line, {}};
    for (auto& [position, sample] : proven)
        proof.samples.push_back(std::move(sample));
    return proof;
}

Result<void> verify_bad_encoding(const BadEncodingProof& proof, const SquareRoots& roots) {
    if (!check_roots(roots)) return Error{DaError::bad_proof, "roots of no square"};
    const auto width = roots.width();
    if (proof.line.index >= width || proof.samples.size() > width || proof.samples.size() < width / 2)
        return Error{DaError::bad_proof,
                     fmt::format("{} samples on line {}", proof.samples.size(), proof.line.index)};
    std::vector<Share> shares(width);
    std::vector<bool> known(width, false);
    for (const auto& sample : proof.samples) {
        const auto position = position_on(proof.line, sample.cell);
        if (!position || *position >= width || known[*position])
            return Error{DaError::bad_proof, "a sample elsewhere, or twice"};
        if (!verify_sample(sample, roots)) return Error{DaError::bad_proof, "a sample does not hold"};
        shares[*position] = sample.share;
        known[*position] = true;
    }
    const auto root = repaired_root(proof.line, shares, known);
    if (root == roots.of(proof.line)) return Error{DaError::bad_proof, "the line is rightly encoded"};
    return success();
}

Bytes encode_bad_encoding(const BadEncodingProof& proof) {
    Bytes message;
    append_varint_field(message, kAxis, static_cast<std::uint64_t>(proof.line.axis));
    append_varint_field(message, kIndex, proof.line.index);
    for (const auto& sample : proof.samples)
        append_bytes_field(message, kSamples, encode_sample(sample));
    return message;
}

Result<BadEncodingProof> parse_bad_encoding(BytesView bytes) {
    BadEncodingProof proof;
    MessageReader reader{bytes};
    while (!reader.at_end()) {
        BOOST_OUTCOME_TRY(const auto field, reader.field());
        const bool number = field.kind == MessageField::Kind::varint;
        if (field.number == kAxis && number && field.value <= 1) {
            proof.line.axis = field.value == 0 ? Axis::row : Axis::column;
        } else if (field.number == kIndex && number) {
            proof.line.index = field.value;
        } else if (field.number == kSamples && field.kind == MessageField::Kind::bytes) {
            BOOST_OUTCOME_TRY(auto sample, parse_sample(field.bytes));
            proof.samples.push_back(std::move(sample));
        } else {
            return Error{DaError::bad_message,
                         fmt::format("field {} of a proof of wrong coding", field.number)};
        }
    }
    return proof;
}

}  // namespace valence::da
