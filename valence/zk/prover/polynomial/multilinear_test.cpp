#include "valence/zk/prover/polynomial/multilinear.hpp"

#include <random>

#include <gtest/gtest.h>

#include "valence/zk/prover/polynomial/eq_table.hpp"

namespace valence::zk {
namespace {

template <typename E>
class Multilinear : public ::testing::Test {
protected:
    E random_element() {
        typename E::Coefficients c;
        for (Goldilocks& x : c)
            x = Goldilocks(random_());
        return E(c);
    }
    std::vector<E> random_elements(std::size_t count) {
        std::vector<E> elements(count);
        for (E& e : elements)
            e = random_element();
        return elements;
    }
    std::vector<Goldilocks> random_base(std::size_t count) {
        std::vector<Goldilocks> elements(count);
        for (Goldilocks& e : elements)
            e = Goldilocks(random_());
        return elements;
    }
    static E eq(std::span<const E> point, std::size_t x) {
        E product(std::uint64_t{1});
        for (std::size_t j = 0; j < point.size(); ++j) {
            const bool bit = (x >> (point.size() - 1 - j)) & 1;
            product *= bit ? point[j] : E(std::uint64_t{1}) - point[j];
        }
        return product;
    }

    std::mt19937_64 random_{9};
};
using Extensions = ::testing::Types<Extension2, Extension3>;
TYPED_TEST_SUITE(Multilinear, Extensions);

TYPED_TEST(Multilinear, MultiplesAreAddedWhateverTheLength) {
    using E = TypeParam;
    const E factor = this->random_element();
    for (std::size_t count = 0; count < 40; ++count) {
        const auto from = this->random_elements(count);
        const auto base = this->random_base(count);
        // What is behind them stays.
        auto sums = this->random_elements(count + 8);
        auto expected = sums;
        add_multiple<E>(std::span<const E>(from), factor, sums.data());
        add_multiple<E>(std::span<const Goldilocks>(base), factor, sums.data());
        for (std::size_t i = 0; i < count; ++i)
            expected[i] += factor * (from[i] + E(base[i]));
        EXPECT_EQ(sums, expected) << count;
    }
}

TYPED_TEST(Multilinear, TheFirstCoordinateBelongsToTheHighestBit) {
    for (std::size_t m = 0; m <= 11; ++m) {
        const auto point = this->random_elements(m);
        const auto table = eq_table<TypeParam>(point);
        ASSERT_EQ(table.size(), std::size_t{1} << m);
        for (std::size_t x = 0; x < table.size(); ++x)
            ASSERT_EQ(table[x], this->eq(point, x));
    }
}

TYPED_TEST(Multilinear, SuffixWeightsAreOuterProducts) {
    const auto point = this->random_elements(11);
    const EqSuffixes<TypeParam> suffixes{std::span<const TypeParam>(point)};
    for (std::size_t m = 0; m <= point.size(); ++m) {
        const auto weights = suffixes.weights(m);
        ASSERT_EQ(weights.high.size() * weights.low.size(), std::size_t{1} << m);
        for (std::size_t x = 0; x < std::size_t{1} << m; ++x) {
            ASSERT_EQ(weights.high[x / weights.low.size()] * weights.low[x % weights.low.size()],
                      this->eq(std::span<const TypeParam>(point).last(m), x));
        }
    }
}

TYPED_TEST(Multilinear, FoldingBindsTheHighestBit) {
    for (const std::size_t size : {2, 4, 8, 64, 16384}) {
        const auto r = this->random_element();
        auto table = this->random_elements(size);
        const auto base = this->random_base(size);
        const auto folded = fold<TypeParam>(std::span<const TypeParam>(table), r);
        const auto folded_base = fold<TypeParam>(std::span<const Goldilocks>(base), r);
        ASSERT_EQ(folded.size(), size / 2);
        for (std::size_t i = 0; i < size / 2; ++i) {
            ASSERT_EQ(folded[i], table[i] + r * (table[i + size / 2] - table[i]));
            ASSERT_EQ(folded_base[i], TypeParam(base[i]) + r * (base[i + size / 2] - base[i]));
        }
        fold_in_place<TypeParam>(table, r);
        ASSERT_TRUE(std::equal(folded.data(), folded.data() + size / 2, table.begin()));
    }
}

TYPED_TEST(Multilinear, InnerProductsOfAnyLength) {
    for (const std::size_t size : {0, 1, 3, 4, 1023, 1024, 1025, 5000}) {
        const auto a = this->random_elements(size), b = this->random_elements(size);
        const auto base = this->random_base(size);
        TypeParam sum, base_sum;
        for (std::size_t i = 0; i < size; ++i) {
            sum += a[i] * b[i];
            base_sum += b[i] * base[i];
        }
        EXPECT_EQ(inner_product<TypeParam>(std::span<const TypeParam>(a), b), sum);
        EXPECT_EQ(inner_product<TypeParam>(std::span<const Goldilocks>(base), b), base_sum);
    }
}

TYPED_TEST(Multilinear, EvaluationIsFoldingToOneValue) {
    const auto table = this->random_elements(32);
    const auto base = this->random_base(32);
    const auto point = this->random_elements(5);
    auto folded = table;
    std::vector<TypeParam> folded_base(base.begin(), base.end());
    std::span<TypeParam> rest = folded, rest_base = folded_base;
    for (const auto& r : point) {
        fold_in_place<TypeParam>(rest, r);
        fold_in_place<TypeParam>(rest_base, r);
        rest = rest.first(rest.size() / 2);
        rest_base = rest_base.first(rest_base.size() / 2);
    }
    EXPECT_EQ(evaluate<TypeParam>(std::span<const TypeParam>(table), point), rest[0]);
    EXPECT_EQ(evaluate<TypeParam>(std::span<const Goldilocks>(base), point), rest_base[0]);
}

}  // namespace
}  // namespace valence::zk
