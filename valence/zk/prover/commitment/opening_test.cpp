#include <algorithm>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "valence/zk/prover/commitment/testing/opening_session.hpp"

namespace valence::zk {
namespace {

using testing::Form;
using testing::Kind;
using testing::Session;
using testing::TableCase;

template <typename E>
class Opening : public ::testing::Test {};
using Extensions = ::testing::Types<Extension2, Extension3>;
TYPED_TEST_SUITE(Opening, Extensions);

TYPED_TEST(Opening, TrueClaimsOfOneTableAreAccepted) {
    for (const int variables : {0, 1, 2, 3, 5, 8, 11, 15}) {
        for (const Form form : {Form::dense, Form::products, Form::both}) {
            const Session<TypeParam> session({{weight_shape(variables), Kind::int8, form}});
            const auto result = session.verify(session.prove());
            EXPECT_TRUE(result.has_value()) << variables << ": " << (result ? "" : result.error().message());
        }
    }
}

TYPED_TEST(Opening, CodewordsMayLieInFiles) {
    const Session<TypeParam> session(
        {{weight_shape_of(20'000), Kind::int8, Form::products}, {witness_shape(8)}});
    const Bytes expected = session.prove();
    const std::vector<Goldilocks> code(session.tables[0]->codeword().begin(),
                                       session.tables[0]->codeword().end());
    const auto* const in_memory = session.tables[0]->codeword().data();
    for (const auto& table : session.tables)
        table->move_to_file();
    EXPECT_NE(session.tables[0]->codeword().data(), in_memory);
    EXPECT_TRUE(std::ranges::equal(session.tables[0]->codeword(), code));
    EXPECT_EQ(session.prove(), expected);
    EXPECT_TRUE(session.verify(expected));
}

TEST(CodeFile, IsNotMadeWhereThereIsNoDirectoryForIt) {
    const char* const before = std::getenv("TMPDIR");
    const std::string kept = before == nullptr ? "" : before;
    setenv("TMPDIR", "/nowhere", 1);
    const std::vector<Goldilocks> code(10, Goldilocks(7));
    EXPECT_FALSE(CodeFile::of(code));
    before == nullptr ? unsetenv("TMPDIR") : setenv("TMPDIR", kept.c_str(), 1);
    const auto file = CodeFile::of(code);
    ASSERT_TRUE(file);
    EXPECT_TRUE(std::ranges::equal(file->code(), code));
    EXPECT_FALSE(CodeFile::of({}));
}

TYPED_TEST(Opening, TrueClaimsOfSeveralTablesAreAccepted) {
    const std::vector<std::vector<TableCase>> all{
        {{weight_shape(14), Kind::int8, Form::products}, {witness_shape(8), Kind::field, Form::dense}},
        {{witness_shape(4), Kind::int16, Form::both}, {weight_shape(12), Kind::int8, Form::both}},
        {{{9, 0, 1}, Kind::int16, Form::products},
         {{9, 9, 2}, Kind::field, Form::dense},
         {{9, 4, 3}, Kind::int8}},
        {{{13, 5, 1}}, {{13, 1, 2}}, {{0, 0, 1}}, {{6, 2, 6}}},
        {{witness_shape_of(300), Kind::int16, Form::both}, {weight_shape_of(20'000), Kind::int8, Form::both}},
        {{{12, 4, 1, 9}},
         {{9, 3, 2, 7}, Kind::int8, Form::both},
         {{10, 2, 2, 3}, Kind::field, Form::products}},
        {{{16, 4, 2}, Kind::int8, Form::products}, {{10, 5, 1}}},
    };
    for (const auto& cases : all) {
        const Session<TypeParam> session(cases);
        const auto result = session.verify(session.prove());
        EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message());
    }
}

TYPED_TEST(Opening, ProofsAreTheSameHoweverFunctionalAndValuesAreGiven) {
    const std::vector<TableCase> cases{{weight_shape(12), Kind::int8, Form::products}};
    const Session<TypeParam> session(cases);
    const auto& table = session.tables_of_functionals[0];
    const TableFunctional<TypeParam> dense{{table.begin(), table.end()}, {}};
    TableFunctional<TypeParam> summed = session.opened[0]->functional;
    std::vector<Goldilocks> elements;
    for (const std::int8_t value : session.opened[0]->bytes)
        elements.push_back(Goldilocks::of(value));
    const CommittedTable as_elements(cases[0].shape, std::span<const Goldilocks>(elements));
    const CommittedTable borrowed(cases[0].shape, session.opened[0]->values, session.tables[0]->codeword());
    EXPECT_EQ(session.prove_with({{session.tables[0].get(), dense}}), session.prove());
    EXPECT_EQ(session.prove_with({{&as_elements, dense}}), session.prove());
    EXPECT_EQ(session.prove_with({{&as_elements, session.opened[0]->functional}}), session.prove());
    EXPECT_EQ(session.prove_with({{&borrowed, session.opened[0]->functional}}), session.prove());
}

TYPED_TEST(Opening, TheEstimateOfTheProofsLengthIsClose) {
    const Session<TypeParam> session({{weight_shape(16), Kind::int8, Form::products}, {witness_shape(10)}});
    const double bytes = static_cast<double>(session.prove().size());
    EXPECT_GT(static_cast<double>(session.parameters.estimated_bytes), 0.85 * bytes);
    EXPECT_LT(static_cast<double>(session.parameters.estimated_bytes), 1.15 * bytes);
}

}  // namespace
}  // namespace valence::zk
