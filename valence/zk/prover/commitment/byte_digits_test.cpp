#include "valence/zk/prover/commitment/byte_digits.hpp"

#include <random>

#include <gtest/gtest.h>

namespace valence::zk {
namespace {

using E = Extension2;

std::vector<E> random_elements(std::size_t count) {
    std::mt19937_64 random(count);
    std::vector<E> elements;
    for (std::size_t i = 0; i < count; ++i)
        elements.push_back(E(E::Coefficients{Goldilocks(random()), Goldilocks(random())}));
    return elements;
}

/// Of one byte, but for some from `first_large` on.
std::vector<Goldilocks> mostly_bytes(std::size_t count, std::size_t first_large, std::int64_t large) {
    std::mt19937_64 random(count);
    std::vector<Goldilocks> values;
    for (std::size_t i = 0; i < count; ++i)
        values.push_back(Goldilocks::of(static_cast<std::int8_t>(random())));
    for (std::size_t i = first_large; i < std::min(count, first_large + 40); ++i)
        values[i] = Goldilocks::of(i % 2 == 0 ? large - static_cast<std::int64_t>(i) : -large);
    return values;
}

/// Six rows of 512.
constexpr std::size_t kRows = 6, kColumns = 512;
const std::vector<std::vector<Goldilocks>> kTables{
    mostly_bytes(kRows * kColumns, kRows* kColumns, 0), mostly_bytes(kRows* kColumns, 1000, 128),
    mostly_bytes(kRows* kColumns, 0, 32768),
    mostly_bytes(kRows* kColumns, 3000, (std::int64_t{1} << 46) - 1)};

TEST(ByteDigits, ContractAsTheValuesDo) {
    for (const auto& values : kTables) {
        const auto digits = ByteDigits::of(values);
        ASSERT_TRUE(digits);
        for (const std::size_t count : {1, 16, 500}) {
            const auto columns = random_elements(count);
            const RowContraction<E> contraction(columns);
            for (const std::size_t begin : {0, 990, 2560}) {
                E expected;
                for (std::size_t j = 0; j < count; ++j)
                    expected += columns[j] * values[begin + j];
                EXPECT_EQ(digits->contract(contraction, begin, count), expected) << begin << " " << count;
            }
        }
    }
}

TEST(ByteDigits, CombineRowsAsTheValuesDo) {
    const auto coefficients = random_elements(kRows);
    std::vector<std::vector<Goldilocks>> tables = kTables;
    // Two bytes everywhere.
    tables.push_back(kTables.front());
    for (std::size_t i = 0; i < tables.back().size(); ++i)
        tables.back()[i] += Goldilocks::of(static_cast<std::int64_t>(i) * 7 - 9000);
    for (const auto& values : tables) {
        std::vector<E> expected(kColumns), sums(kColumns);
        for (std::size_t i = 0; i < values.size(); ++i)
            expected[i % kColumns] += coefficients[i / kColumns] * values[i];
        ByteDigits::of(values).value().combine<E>(coefficients, sums);
        EXPECT_EQ(sums, expected);
    }
}

TEST(ByteDigits, AreNotKeptOfLargeValues) {
    std::vector<Goldilocks> values(100, Goldilocks(5));
    EXPECT_TRUE(ByteDigits::of(values));
    values[70] = Goldilocks(std::uint64_t{1} << 47);
    EXPECT_FALSE(ByteDigits::of(values)) << "seven bytes";
    EXPECT_FALSE(ByteDigits::of(std::vector<Goldilocks>(100, Goldilocks(std::uint64_t{1} << 30))));
}

}  // namespace
}  // namespace valence::zk
