#include "valence/zk/prover/kernels/row_combination.hpp"

#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "valence/zk/prover/kernels/digit_sums.hpp"
#include "valence/zk/prover/kernels/row_contraction.hpp"

namespace valence::zk {
namespace {

Goldilocks element_of(std::mt19937_64& random) {
    switch (random() % 6) {
        case 0:
            return Goldilocks::of(-1);
        case 1:
            return Goldilocks(0x8000800080008000);
        case 2:
            return Goldilocks(0x7fff7fff7fff7fff);
        default:
            return Goldilocks(random());
    }
}

TEST(BalancedDigits, MakeUpTheElement) {
    std::mt19937_64 random(3);
    std::vector<Goldilocks> elements{Goldilocks(0), Goldilocks(0x7fff7fff7fff7fff),
                                     Goldilocks(0x7fff7fff7fff8000), Goldilocks::of(-1), Goldilocks(1)};
    for (int i = 0; i < 1000; ++i)
        elements.emplace_back(random());
    for (const Goldilocks element : elements) {
        Goldilocks sum, place(1);
        for (const std::int16_t digit : balanced_digits(element)) {
            sum += Goldilocks::of(digit) * place;
            place *= Goldilocks(1 << 16);
        }
        ASSERT_EQ(sum, element);
    }
}

/// Values of a kind, most of them extreme ones.
template <typename T>
std::vector<T> values_of(std::size_t count, std::mt19937_64& random) {
    std::vector<T> values(count);
    for (T& value : values) {
        if constexpr (std::is_integral_v<T>) {
            const auto kind = random() % 4;
            value = kind == 0   ? std::numeric_limits<T>::min()
                    : kind == 1 ? std::numeric_limits<T>::max()
                                : static_cast<T>(random());
        } else if constexpr (std::is_same_v<T, Goldilocks>) {
            value = element_of(random);
        } else {
            value =
                T(element_of(random)) * T(typename T::Coefficients{element_of(random), element_of(random)});
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

template <typename E, typename T>
void expect_sums(std::size_t rows, std::size_t columns, std::size_t missing, InstructionSet instructions) {
    std::mt19937_64 random(rows * 1000 + columns);
    const auto values = values_of<T>(rows * columns - missing, random);
    const auto coefficients = values_of<E>(rows, random);
    std::vector<E> sums(columns, E(std::uint64_t{5}));
    combine_rows<E, T>(values, coefficients, sums, instructions);
    for (std::size_t column = 0; column < columns; ++column) {
        E expected;
        for (std::size_t row = 0; row < rows && row * columns + column < values.size(); ++row)
            expected += coefficients[row] * in_field(values[row * columns + column]);
        ASSERT_EQ(sums[column], expected) << rows << " x " << columns << ", column " << column;
    }
}

template <typename E>
class RowCombination : public ::testing::Test {};
using Extensions = ::testing::Types<Extension2, Extension3>;
TYPED_TEST_SUITE(RowCombination, Extensions);

TYPED_TEST(RowCombination, IsTheSumOfRowsForEveryKindOfValue) {
    for (const auto instructions : {InstructionSet::portable, best_instruction_set()}) {
        for (const std::size_t rows : {1, 3, 64, 130}) {
            for (const std::size_t columns : {1, 127, 128, 300}) {
                for (const std::size_t missing : {std::size_t{0}, std::size_t{1}, columns}) {
                    expect_sums<TypeParam, std::int8_t>(rows, columns, missing, instructions);
                    expect_sums<TypeParam, std::int16_t>(rows, columns, missing, instructions);
                    expect_sums<TypeParam, Goldilocks>(rows, columns, missing, instructions);
                    expect_sums<TypeParam, TypeParam>(rows, columns, missing, instructions);
                }
            }
        }
    }
}

template <typename E, typename T>
void expect_inner_products(std::size_t count, InstructionSet instructions) {
    std::mt19937_64 random(count);
    const auto values = values_of<T>(count, random);
    const auto columns = values_of<E>(count, random);
    E expected;
    for (std::size_t j = 0; j < count; ++j)
        expected += columns[j] * in_field(values[j]);
    ASSERT_EQ(RowContraction<E>(columns, instructions).of(values.data()), expected) << count;
}

TYPED_TEST(RowCombination, ContractionIsTheInnerProduct) {
    for (const auto instructions : {InstructionSet::portable, best_instruction_set()}) {
        for (const std::size_t count : {0, 1, 15, 16, 17, 255 * 16, 256 * 16 + 3, 10000}) {
            expect_inner_products<TypeParam, std::int8_t>(count, instructions);
            expect_inner_products<TypeParam, std::int16_t>(count, instructions);
            expect_inner_products<TypeParam, Goldilocks>(count, instructions);
        }
    }
}

}  // namespace
}  // namespace valence::zk
