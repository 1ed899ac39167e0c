#include "valence/zk/protocol/commitment/parameters.hpp"

#include <array>

#include <gtest/gtest.h>

#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::zk {
namespace {

OpeningParameters parameters_of(const SecurityProfile& profile, std::vector<TableShape> shapes) {
    auto parameters = opening_parameters(profile, shapes);
    EXPECT_TRUE(parameters.has_value()) << (parameters ? "" : parameters.error().message());
    return std::move(parameters).value();
}

TEST(OpeningParameters, EverySizeMeetsTheTarget) {
    for (const SecurityProfile& profile : {kProfile100, kProfile128}) {
        for (int variables = 0; variables <= kMaxTableVariables; ++variables) {
            const auto p = parameters_of(profile, {weight_shape(variables), witness_shape(variables / 2)});
            EXPECT_GE(p.soundness.worst(), Bits::of(profile.target_bits)) << variables;
        }
    }
}

TEST(OpeningParameters, RowsOfTheStackLieAtMultiplesOfTheirLength) {
    const auto p = parameters_of(kProfile100, {{10, 2, 1}, {20, 5, 2}, {10, 2, 2}, {4, 4, 1}});
    std::size_t sum = 0;
    for (const auto& table : p.tables) {
        const std::size_t columns = table.shape.oracle().columns();
        EXPECT_EQ(table.offset % columns, 0);
        EXPECT_LE(table.offset + columns, p.stack_size);
        sum += columns;
    }
    EXPECT_EQ(sum, p.stack_size);
    EXPECT_EQ(p.first_rounds, 5);
}

TEST(OpeningParameters, LevelsCutUpTheVectorBeforeThem) {
    for (int variables = 6; variables <= 26; variables += 4) {
        const auto p = parameters_of(kProfile100, {weight_shape(variables), {variables - 3, 2, 1}});
        std::size_t size = p.stack_size;
        for (const auto& level : p.levels) {
            EXPECT_GE(level.shape.rows << level.shape.log_columns, size);
            EXPECT_LT((level.shape.rows - 1) << level.shape.log_columns, size);
            size = level.shape.columns();
        }
        EXPECT_EQ(size, p.clear_size);
    }
}

TEST(OpeningParameters, SmallTablesAreOpenedWithoutRecursion) {
    EXPECT_TRUE(parameters_of(kProfile100, {weight_shape(12)}).levels.empty());
    EXPECT_TRUE(parameters_of(kProfile128, {weight_shape(10), witness_shape(8)}).levels.empty());
    EXPECT_FALSE(parameters_of(kProfile100, {weight_shape(22)}).levels.empty());
}

/// Rows, log2 of columns, log2 of 1/rate, queries.
struct Pinned {
    std::size_t rows;
    int log_columns, log_inverse_rate, queries;
    bool operator==(const Pinned&) const = default;
};

// The sizes of the models in mind. Whoever changes one of these numbers changes the format of proofs.
TEST(OpeningParameters, OfTheSizesInUse) {
    struct Case {
        const SecurityProfile& profile;
        std::vector<int> variables;  // weights, then witness
        std::vector<Pinned> oracles;
        std::size_t clear_size;
        double worst, union_total;
    };
    const std::vector<Case> cases{
        {kProfile100, {12}, {{8, 9, 2, 133}}, 512, 100.18, 100.18},
        {kProfile100, {16, 10}, {{16, 12, 2, 133}, {8, 7, 2, 133}, {9, 9, 2, 133}}, 512, 100.18, 98.60},
        {kProfile100, {18, 14}, {{32, 13, 2, 133}, {16, 10, 2, 133}, {9, 10, 2, 133}}, 1024, 100.18, 98.60},
        {kProfile100,
         {22, 14},
         {{64, 16, 2, 129}, {16, 10, 2, 129}, {17, 12, 1, 210}, {8, 9, 2, 129}},
         512,
         100.16,
         98.38},
        {kProfile100,
         {24, 20},
         {{128, 17, 2, 127}, {32, 15, 1, 208}, {20, 13, 2, 127}, {8, 10, 3, 104}},
         1024,
         100.11,
         98.22},
    };
    for (const Case& c : cases) {
        std::vector<TableShape> shapes{weight_shape(c.variables[0])};
        if (c.variables.size() > 1) shapes.push_back(witness_shape(c.variables[1]));
        const auto p = parameters_of(c.profile, shapes);
        std::vector<Pinned> oracles;
        for (const auto& table : p.tables) {
            const OracleShape shape = table.shape.oracle();
            oracles.push_back({shape.rows, shape.log_columns, shape.log_inverse_rate, table.queries});
        }
        for (const auto& level : p.levels)
            oracles.push_back(
                {level.shape.rows, level.shape.log_columns, level.shape.log_inverse_rate, level.queries});
        EXPECT_EQ(oracles, c.oracles) << p.explain();
        EXPECT_EQ(p.clear_size, c.clear_size);
        EXPECT_NEAR(p.soundness.worst().value(), c.worst, 0.01);
        EXPECT_NEAR(p.soundness.union_total(), c.union_total, 0.01);
    }
}

TEST(OpeningParameters, RowsThatNoCellLiesInAreNotCommitted) {
    // Cells, rows in all, rows that are committed.
    constexpr std::array<std::array<std::uint64_t, 3>, 7> kWeights{{{1, 1, 1},
                                                                    {65, 2, 2},
                                                                    {20'000, 16, 12},
                                                                    {16'385, 16, 12},
                                                                    {32'768, 16, 16},
                                                                    {61'706, 16, 16},
                                                                    {163'840'000, 256, 160}}};
    for (const auto& [cells, rows, committed] : kWeights) {
        const TableShape shape = weight_shape_of(cells);
        EXPECT_EQ(shape.matrix().rows, rows) << cells;
        EXPECT_EQ(shape.oracle().rows, committed) << cells;
        EXPECT_GE(committed << shape.oracle().log_columns, cells);
        EXPECT_EQ(shape.oracle().log_rows(), shape.log_rows) << cells;
        EXPECT_EQ(parameters_of(kProfile100, {shape}).tables[0].shape, shape);
    }
    EXPECT_EQ(witness_shape_of(70'000).oracle().rows, 12U);
}

// In all but the queries there are bits to spare.
TEST(OpeningParameters, RoundsOfTheLargestModelInMind) {
    const auto p = parameters_of(kProfile100, {weight_shape(24), witness_shape(20)});
    for (const auto& term : p.soundness.terms()) {
        const bool queries = term.round.starts_with("queries");
        EXPECT_GE(term.bits.value(), queries ? 100 : 108) << term.round;
    }
}

TEST(OpeningParameters, WhatCannotBeSecureIsRefused) {
    const auto error_of = [](const SecurityProfile& profile, std::vector<TableShape> shapes) {
        const auto parameters = opening_parameters(profile, shapes);
        return parameters ? std::error_code() : parameters.error().code;
    };
    // Challenges of 128 bits cannot give 128 bits over codewords of thousands of positions.
    EXPECT_EQ(error_of({128, 2}, {weight_shape(16)}), ProofError::bad_parameters);
    EXPECT_EQ(error_of({100, 1}, {weight_shape(16)}), ProofError::bad_parameters);
    EXPECT_EQ(error_of(kProfile100, {}), ProofError::bad_parameters);
    EXPECT_EQ(error_of(kProfile100, std::vector<TableShape>(kMaxOpenedTables + 1, weight_shape(4))),
              ProofError::bad_parameters);
    for (const TableShape& shape :
         {TableShape{-1, 0, 2}, TableShape{kMaxTableVariables + 1, 5, 2}, TableShape{8, 9, 2},
          TableShape{20, kMaxLogRows + 1, 2}, TableShape{8, 2, 0}, TableShape{8, 2, kMaxLogInverseRate + 1},
          TableShape{8, -1, 2}}) {
        EXPECT_EQ(error_of(kProfile100, {shape}), ProofError::bad_parameters);
    }
}

TEST(OpeningParameters, AreExplained) {
    const auto text = parameters_of(kProfile100, {weight_shape(22), witness_shape(14)}).explain();
    for (const char* part : {"table 1", "level 1", "in clear", "fold of the tables", "queries of level 1",
                             "worst round", "union of all rounds"})
        EXPECT_NE(text.find(part), std::string::npos) << part;
}

}  // namespace
}  // namespace valence::zk
