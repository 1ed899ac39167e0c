#include "valence/da/extended/extended_square.hpp"

#include <gtest/gtest.h>

#include "valence/da/coding/reed_solomon.hpp"
#include "valence/da/da_error.hpp"
#include "valence/da/extended/bad_encoding.hpp"
#include "valence/da/extended/partial_square.hpp"
#include "valence/da/inclusion/commitment.hpp"
#include "valence/da/testing/random_data.hpp"

namespace valence::da {
namespace {

using testing::Random;

ExtendedSquare random_extended(Random& random, std::size_t width) {
    return ExtendedSquare::extend(random.square(width)).value();
}

AxisIndex line_at(std::size_t i, std::size_t width) {
    return {i < width ? Axis::row : Axis::column, i % width};
}

TEST(ExtendedSquare, RowsOfParityAreCodewordsToo) {
    Random random{1};
    for (std::size_t width : {1, 2, 4, 16}) {
        const auto square = random_extended(random, width);
        // The parity of the lower left quadrant's rows is the lower right quadrant, computed from columns.
        for (std::size_t row = 0; row < 2 * width; ++row) {
            std::vector<Share> half(square.row(row).begin(), square.row(row).begin() + width);
            std::vector<Share> parity(width);
            encode(width, {half[0].data(), kShareSize, kShareSize},
                   {parity[0].data(), kShareSize, kShareSize});
            EXPECT_TRUE(std::equal(parity.begin(), parity.end(), square.row(row).begin() + width)) << row;
        }
    }
}

TEST(ExtendedSquare, RootsAreThoseOfTheTrees) {
    Random random{2};
    for (std::size_t width : {1, 2, 8, 32}) {
        const auto square = random_extended(random, width);
        const auto roots = roots_of(square).value();
        for (std::size_t i = 0; i < 4 * width; ++i) {
            const auto line = line_at(i, 2 * width);
            EXPECT_EQ(square.tree(line).value().root(), roots.of(line));
        }
    }
}

TEST(ExtendedSquare, HasTheSizeOfASquare) {
    EXPECT_EQ(ExtendedSquare::extend({}).error(), Error{DaError::bad_size});
    EXPECT_EQ(ExtendedSquare::extend(std::vector<Share>(2)).error(), Error{DaError::bad_size});
    EXPECT_EQ(ExtendedSquare::extend(std::vector<Share>(9)).error(), Error{DaError::bad_size});
    EXPECT_EQ(ExtendedSquare::from_shares(std::vector<Share>(1)).error(), Error{DaError::bad_size});
}

TEST(ExtendedSquare, RefusesNamespacesOutOfOrder) {
    Random random{3};
    auto shares = random.square(4);
    std::swap(shares.front(), shares.back());
    EXPECT_EQ(roots_of(ExtendedSquare::extend(shares).value()).error(), Error{DaError::unordered});
}

TEST(Sample, HoldsForItsCellOnly) {
    Random random{4};
    const auto square = random_extended(random, 4);
    const auto roots = roots_of(square).value();
    for (std::size_t i = 0; i < 16; ++i) {
        const auto line = line_at(i, 8);
        const auto tree = square.tree(line).value();
        for (std::size_t position = 0; position < 8; ++position) {
            const auto sample = make_sample(square, tree, line, position);
            ASSERT_TRUE(verify_sample(sample, roots));
            const auto again = parse_sample(encode_sample(sample));
            ASSERT_TRUE(again);
            EXPECT_TRUE(verify_sample(again.value(), roots));
            for (std::size_t row = 0; row < 9; ++row) {
                for (std::size_t column = 0; column < 9; ++column) {
                    auto moved = sample;
                    moved.cell = {row, column};
                    EXPECT_EQ(verify_sample(moved, roots), moved.cell == sample.cell);
                }
            }
            auto changed = sample;
            changed.share[random.below(kShareSize)] ^= 1;
            EXPECT_FALSE(verify_sample(changed, roots));
        }
    }
}

/// Whether rows and columns with half of their cells complete the square: the rule itself, without shares.
bool is_recoverable(std::vector<bool> known, std::size_t width) {
    for (bool progress = true; progress;) {
        progress = false;
        for (std::size_t i = 0; i < 2 * width; ++i) {
            std::vector<std::size_t> cells;
            for (std::size_t j = 0; j < width; ++j) {
                const auto cell = cell_at(line_at(i, width), j);
                cells.push_back(cell.row * width + cell.column);
            }
            const auto present = static_cast<std::size_t>(
                std::count_if(cells.begin(), cells.end(), [&](auto at) { return known[at]; }));
            if (present < width / 2 || present == width) continue;
            for (const auto at : cells)
                known[at] = true;
            progress = true;
        }
    }
    return std::all_of(known.begin(), known.end(), [](bool k) { return k; });
}

/// Repairs from the cells of a pattern and compares.
void check_repair(const ExtendedSquare& square, const SquareRoots& roots, const std::vector<bool>& known) {
    const auto width = square.width();
    PartialSquare partial{width};
    for (std::size_t i = 0; i < known.size(); ++i) {
        const Cell cell{i / width, i % width};
        if (known[i]) partial.put(cell, square.at(cell));
    }
    const auto repaired = repair(partial, roots);
    if (!is_recoverable(known, width)) {
        ASSERT_EQ(repaired.error(), Error{DaError::unrepairable});
        return;
    }
    ASSERT_TRUE(repaired) << repaired.error().message();
    ASSERT_EQ(std::get<ExtendedSquare>(repaired.value()), square);
}

TEST(Repair, FindsEveryRecoverablePatternOfTheSmallestSquares) {
    Random random{5};
    for (std::size_t width : {2, 4}) {
        const auto square = random_extended(random, width / 2);
        const auto roots = roots_of(square).value();
        const std::size_t cells = width * width;
        for (std::size_t pattern = 0; pattern < std::size_t{1} << cells; ++pattern) {
            std::vector<bool> known(cells);
            for (std::size_t i = 0; i < cells; ++i)
                known[i] = (pattern >> i & 1) != 0;
            ASSERT_NO_FATAL_FAILURE(check_repair(square, roots, known)) << "pattern " << pattern;
        }
    }
}

TEST(Repair, FindsRandomPatternsOfLargerSquares) {
    Random random{6};
    for (std::size_t width : {8, 32}) {
        const auto square = random_extended(random, width / 2);
        const auto roots = roots_of(square).value();
        for (int round = 0; round < 12; ++round) {
            std::vector<bool> known(width * width);
            const auto percent = 30 + random.below(50);
            for (std::size_t i = 0; i < known.size(); ++i)
                known[i] = random.below(100) < percent;
            ASSERT_NO_FATAL_FAILURE(check_repair(square, roots, known)) << percent << " %";
        }
    }
}

/// A square of which one share of parity was replaced before the roots were computed: what a producer who
/// cheats commits to.
struct Cheated {
    ExtendedSquare square;
    SquareRoots roots;
    std::vector<Sample> samples;
};

Cheated cheat(Random& random, std::size_t width, Cell cell) {
    const auto honest = random_extended(random, width / 2);
    std::vector<Share> shares(honest.shares().begin(), honest.shares().end());
    shares[cell.row * width + cell.column][100] ^= 1;
    const auto square = ExtendedSquare::from_shares(std::move(shares)).value();
    Cheated cheated{square, roots_of(square).value(), {}};
    for (std::size_t row = 0; row < width; ++row) {
        const auto tree = square.tree({Axis::row, row}).value();
        for (std::size_t column = 0; column < width; ++column)
            cheated.samples.push_back(make_sample(square, tree, {Axis::row, row}, column));
    }
    return cheated;
}

/// Whichever cell is wrong and whichever samples are there to begin with: once the square can be repaired,
/// the cheat is found, and shown to anybody who has the roots.
TEST(BadEncoding, IsFoundAndShown) {
    Random random{7};
    std::size_t found = 0;
    for (int round = 0; round < 60; ++round) {
        const std::size_t width = round % 2 == 0 ? 4 : 8;
        const auto cheated = cheat(random, width, {random.below(width), random.below(width / 2) + width / 2});
        PartialSquare partial{width};
        std::vector<Sample> drawn;
        std::vector<bool> known(width * width);
        for (std::size_t i = 0; i < known.size(); ++i) {
            if (random.below(100) >= 75) continue;
            known[i] = true;
            ASSERT_TRUE(verify_sample(cheated.samples[i], cheated.roots));
            partial.put(cheated.samples[i].cell, cheated.samples[i].share);
            drawn.push_back(cheated.samples[i]);
        }
        if (!is_recoverable(known, width)) continue;
        const auto repaired = repair(partial, cheated.roots);
        ASSERT_TRUE(repaired);
        const auto* wrong = std::get_if<WrongLine>(&repaired.value());
        ASSERT_NE(wrong, nullptr);
        const auto proof = prove_bad_encoding(partial, cheated.roots, wrong->line, drawn);
        ASSERT_TRUE(proof) << proof.error().message();
        const auto received = parse_bad_encoding(encode_bad_encoding(proof.value()));
        ASSERT_TRUE(received) << received.error().message();
        EXPECT_TRUE(verify_bad_encoding(received.value(), cheated.roots));
        ++found;
    }
    EXPECT_GT(found, 20u);
}

TEST(BadEncoding, IsNotShownOfAnHonestSquare) {
    Random random{8};
    const auto square = random_extended(random, 4);
    const auto roots = roots_of(square).value();
    for (std::size_t i = 0; i < 16; ++i) {
        const auto line = line_at(i, 8);
        const auto tree = square.tree(line).value();
        BadEncodingProof proof{line, {}};
        for (std::size_t position = 0; position < 8; ++position)
            proof.samples.push_back(make_sample(square, tree, line, position));
        EXPECT_EQ(verify_bad_encoding(proof, roots).error(), Error{DaError::bad_proof});
        auto doubled = proof;
        doubled.samples[1] = doubled.samples[0];
        EXPECT_EQ(verify_bad_encoding(doubled, roots).error(), Error{DaError::bad_proof});
        auto forged = proof;
        forged.samples[3].share[77] ^= 1;
        EXPECT_EQ(verify_bad_encoding(forged, roots).error(), Error{DaError::bad_proof});
        auto few = proof;
        few.samples.resize(3);
        EXPECT_EQ(verify_bad_encoding(few, roots).error(), Error{DaError::bad_proof});
    }
}

TEST(CommitmentProof, ProvesEveryBlobOfASquareAndNothingElse) {
    Random random{9};
    for (int round = 0; round < 12; ++round) {
        const std::vector<Bytes> transactions{random.blob_transaction(3, round % 2 == 0 ? 3000 : 80'000),
                                              random.blob_transaction(2, 20'000)};
        const auto square = build_square(transactions).value();
        const auto extended = ExtendedSquare::extend(square.shares).value();
        const auto roots = roots_of(extended).value();
        for (const auto& place : square.blobs) {
            const auto blob =
                parse_blob_transaction(transactions[place.transaction]).value()->blobs[place.blob];
            const auto proof = prove_commitment(extended, roots, place.index, place.share_count).value();
            const auto verified = verify_commitment_proof(proof, roots.data_root());
            ASSERT_TRUE(verified) << verified.error().message();
            EXPECT_EQ(commitment_of(proof), blob_commitment(blob));
            auto other = proof;
            other.name = kTransactionNamespace;
            EXPECT_FALSE(verify_commitment_proof(other, roots.data_root()));
            auto changed = proof;
            changed.subtree_roots.back()[80] ^= 1;
            EXPECT_FALSE(verify_commitment_proof(changed, roots.data_root()));
            auto more = proof;
            more.subtree_roots.push_back(more.subtree_roots.back());
            EXPECT_FALSE(verify_commitment_proof(more, roots.data_root()));
            auto moved = proof;
            ++moved.rows.first, ++moved.rows.last;
            EXPECT_FALSE(verify_commitment_proof(moved, roots.data_root()));
        }
    }
}

/// Shares of one namespace all over a square, so that nothing but their places tells one run from another.
struct Uniform {
    static constexpr std::size_t kWidth = 8;
    Namespace name;
    ExtendedSquare square;
    SquareRoots roots;

    explicit Uniform(Random& random)
        : name(random.name()), square(extended(random, name)), roots(roots_of(square).value()) {}

    static ExtendedSquare extended(Random& random, const Namespace& name) {
        std::vector<Share> shares;
        for (std::size_t i = 0; i < kWidth * kWidth; ++i) {
            shares.push_back(begin_share({.name = name, .signer = {}}));
            shares.back()[100] = static_cast<std::uint8_t>(random.below(256));
        }
        return ExtendedSquare::extend(shares).value();
    }
    /// Of shares along lines, few enough that each is a subtree of its own.
    CommitmentProof proof(const std::vector<std::pair<AxisIndex, std::pair<std::size_t, std::size_t>>>& parts,
                          RowProof rows) const {
        CommitmentProof proof{{}, {}, name, std::move(rows)};
        for (const auto& [line, range] : parts) {
            const auto tree = square.tree(line).value();
            proof.subtree_proofs.push_back(tree.prove(range.first, range.second));
            for (auto at = range.first; at < range.second; ++at)
                proof.subtree_roots.push_back(tree.subtree(at, 1));
        }
        return proof;
    }
    bool holds(const CommitmentProof& proof) const {
        return verify_commitment_proof(proof, roots.data_root()).has_value();
    }
};

TEST(CommitmentProof, IsOfOneRunOfShares) {
    Random random{10};
    const Uniform uniform{random};
    const auto row = [](std::size_t i) { return AxisIndex{Axis::row, i}; };
    const auto two = prove_rows(uniform.roots, 0, 1);
    EXPECT_TRUE(uniform.holds(uniform.proof({{row(0), {6, 8}}, {row(1), {0, 2}}}, two)));
    EXPECT_FALSE(uniform.holds(uniform.proof({{row(0), {2, 4}}, {row(1), {0, 2}}}, two))) << "a gap";
    EXPECT_FALSE(uniform.holds(uniform.proof({{row(0), {6, 8}}, {row(1), {1, 3}}}, two))) << "a gap";
    EXPECT_FALSE(uniform.holds(uniform.proof({{row(0), {6, 8}}, {row(2), {0, 2}}}, two))) << "another row";
}

TEST(CommitmentProof, IsOfRowsOfData) {
    Random random{11};
    const Uniform uniform{random};
    constexpr auto kExtended = 2 * Uniform::kWidth;
    EXPECT_TRUE(uniform.holds(uniform.proof({{{Axis::row, 3}, {1, 3}}}, prove_rows(uniform.roots, 3, 3))));
    // The same shares from above to below: columns are leaves of the data root behind the rows.
    std::vector<BytesView> leaves;
    for (const auto* half : {&uniform.roots.rows, &uniform.roots.columns})
        for (const auto& root : *half)
            leaves.push_back(BytesView{root.bytes});
    const RowProof column{
        {uniform.roots.columns[3]}, {merkle_proofs(leaves)[kExtended + 3]}, kExtended + 3, kExtended + 3};
    ASSERT_TRUE(verify_row_proof(column, uniform.roots.data_root()));
    EXPECT_FALSE(uniform.holds(uniform.proof({{{Axis::column, 3}, {1, 3}}}, column)));
}

}  // namespace
}  // namespace valence::da
