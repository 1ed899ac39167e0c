#include "valence/zk/prover/commitment/encode.hpp"

#include <random>

#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include "valence/zk/prover/commitment/query_table.hpp"

namespace valence::zk {
namespace {

template <typename T>
std::vector<T> random_values(std::size_t count, std::mt19937_64& random) {
    std::vector<T> values(count);
    for (T& value : values) {
        if constexpr (std::is_integral_v<T>) {
            value = static_cast<T>(random());
        } else if constexpr (std::is_same_v<T, Goldilocks>) {
            value = Goldilocks(random());
        } else {
            typename T::Coefficients c;
            for (Goldilocks& x : c)
                x = Goldilocks(random());
            value = T(c);
        }
    }
    return values;
}

template <typename T>
auto in_field(const T& value) {
    if constexpr (std::is_integral_v<T>)
        return Goldilocks::of(value);
    else
        return value;
}

/// Checks some positions of a codeword (all of a small one) against the definition.
template <typename T>
void expect_values_of_the_rows(const OracleShape& shape, std::size_t missing, InstructionSet instructions) {
    std::mt19937_64 random(shape.length() + shape.rows);
    const auto values = random_values<T>((shape.rows << shape.log_columns) - missing, random);
    std::vector<Goldilocks> codeword(shape.length() * lanes_of<T>(shape));
    encode(std::span<const T>(values), shape, codeword, instructions);
    std::vector<Goldilocks> alone(codeword.size());
    tbb::task_arena(1).execute([&] { encode(std::span<const T>(values), shape, alone, instructions); });
    ASSERT_EQ(codeword, alone);
    const std::size_t step = shape.length() > 64 ? shape.length() / 16 + 1 : 1;
    for (std::size_t position = 0; position < shape.length(); position += step) {
        const Goldilocks x = code_point(position);
        for (std::size_t row = 0; row < shape.rows; ++row) {
            decltype(in_field(T())) sum{};
            for (std::size_t column = shape.columns(); column-- > 0;) {
                const std::size_t at = row * shape.columns() + column;
                sum = sum * x + (at < values.size() ? in_field(values[at]) : decltype(sum){});
            }
            const Goldilocks* leaf = &codeword[position * lanes_of<T>(shape)];
            if constexpr (requires { T::kDegree; }) {
                for (std::size_t j = 0; j < T::kDegree; ++j)
                    ASSERT_EQ(leaf[row * T::kDegree + j], sum[j]);
            } else {
                ASSERT_EQ(leaf[row], sum) << "position " << position << " row " << row;
            }
        }
    }
}

TEST(Encode, CodewordsAreTheRowsPolynomialsAtTheCodesPoints) {
    for (const auto instructions : {InstructionSet::portable, best_instruction_set()}) {
        for (const OracleShape& shape : {OracleShape{1, 0, 1}, OracleShape{3, 1, 2}, OracleShape{4, 5, 1},
                                         OracleShape{5, 4, 3}, OracleShape{8, 3, 6}}) {
            for (const std::size_t missing : {0, 1}) {
                expect_values_of_the_rows<std::int8_t>(shape, missing, instructions);
                expect_values_of_the_rows<std::int16_t>(shape, missing, instructions);
                expect_values_of_the_rows<Goldilocks>(shape, missing, instructions);
                expect_values_of_the_rows<Extension2>(shape, missing, instructions);
                expect_values_of_the_rows<Extension3>(shape, missing, instructions);
            }
        }
    }
}

// Each thread takes cosets of its own.
TEST(Encode, CodewordsWorthSeveralThreads) {
    expect_values_of_the_rows<Goldilocks>({20, 9, 2}, 7, best_instruction_set());
    expect_values_of_the_rows<Extension3>({3, 10, 1}, 0, best_instruction_set());
}

// Beyond the cache the transform goes in two passes.
TEST(Encode, LargeCodewordsToo) {
    expect_values_of_the_rows<std::int8_t>({16, 12, 2}, 0, best_instruction_set());
    expect_values_of_the_rows<std::int8_t>({17, 13, 1}, 5, best_instruction_set());
    expect_values_of_the_rows<Extension2>({9, 11, 3}, 3, best_instruction_set());
}

template <typename E>
class QueryFunctionals : public ::testing::Test {};
using Extensions = ::testing::Types<Extension2, Extension3>;
TYPED_TEST_SUITE(QueryFunctionals, Extensions);

TYPED_TEST(QueryFunctionals, AddUpToPowersOfTheirPoints) {
    for (const auto instructions : {InstructionSet::portable, best_instruction_set()}) {
        for (const OracleShape& shape : {OracleShape{1, 0, 1}, OracleShape{1, 1, 3}, OracleShape{1, 4, 2},
                                         OracleShape{1, 7, 1}, OracleShape{1, 13, 2}}) {
            std::mt19937_64 random(shape.length());
            std::vector<std::uint64_t> positions{0, shape.length() - 1};
            for (int i = 0; i < 10; ++i)
                positions.push_back(random() % shape.length());
            std::ranges::sort(positions);
            positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
            const auto coefficients = random_values<TypeParam>(positions.size(), random);
            auto table = random_values<TypeParam>(shape.columns(), random);
            auto expected = table;
            add_query_functionals<TypeParam>(shape, positions, coefficients, table, instructions);
            for (std::size_t j = 0; j < positions.size(); ++j) {
                TypeParam term = coefficients[j];
                for (TypeParam& entry : expected) {
                    entry += term;
                    term = term * code_point(positions[j]);
                }
            }
            ASSERT_EQ(table, expected) << shape.log_columns;
        }
    }
}

}  // namespace
}  // namespace valence::zk
