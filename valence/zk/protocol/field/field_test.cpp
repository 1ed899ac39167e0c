#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "valence/zk/protocol/field/sum_of_products.hpp"

namespace valence::zk {
namespace {

constexpr std::uint64_t kEdges[] = {0,
                                    1,
                                    2,
                                    7,
                                    0xfffffffe,
                                    0xffffffff,
                                    0x100000000,
                                    0x100000001,
                                    Goldilocks::kModulus - 2,
                                    Goldilocks::kModulus - 1};

std::vector<Goldilocks> samples() {
    std::vector<Goldilocks> elements;
    for (const std::uint64_t edge : kEdges)
        elements.emplace_back(edge);
    std::mt19937_64 random(1);
    for (int i = 0; i < 100; ++i)
        elements.emplace_back(random());
    return elements;
}

// The remainder of the compiler's own 128-bit division.
std::uint64_t remainder(base::UInt128 wide) {
    return static_cast<std::uint64_t>(wide % Goldilocks::kModulus);
}

TEST(Goldilocks, SumsDifferencesAndProductsAreThoseOfWideIntegers) {
    for (const Goldilocks a : samples()) {
        for (const Goldilocks b : samples()) {
            const auto wide_a = static_cast<base::UInt128>(a.value());
            ASSERT_EQ((a + b).value(), remainder(wide_a + b.value()));
            ASSERT_EQ((a - b).value(), remainder(wide_a + Goldilocks::kModulus - b.value()));
            ASSERT_EQ((a * b).value(), remainder(wide_a * b.value()));
        }
    }
}

TEST(Goldilocks, SumsOfProductsAreReducedOnce) {
    const std::vector<Goldilocks> all = samples();
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (std::size_t j = 0; j < all.size(); ++j) {
            const Goldilocks a = all[i], b = all[j], c = all[(i + j) % all.size()],
                             d = all[all.size() - 1 - j];
            ASSERT_EQ(Goldilocks::multiply_add(a, b, c), a * b + c);
            ASSERT_EQ(Goldilocks::multiply_add(a, b, c, 0xffffffff), a * b + c * Goldilocks(0xffffffff));
            ASSERT_EQ(Goldilocks::sum_of_products(a, b, c, d), a * b + c * d);
            ASSERT_EQ(Goldilocks::sum_of_products(a, b, a, b), a * b + a * b);
        }
    }
}

TEST(Goldilocks, WordsFromTheModulusOnAreReduced) {
    EXPECT_EQ(Goldilocks(Goldilocks::kModulus), Goldilocks(0));
    EXPECT_EQ(Goldilocks(~std::uint64_t{0}), Goldilocks(0xfffffffe));
    EXPECT_EQ(Goldilocks::reduce(~static_cast<base::UInt128>(0)).value(),
              remainder(~static_cast<base::UInt128>(0)));
}

TEST(Goldilocks, SignedIntegersWrap) {
    EXPECT_EQ(Goldilocks::of(-1) + Goldilocks(1), Goldilocks(0));
    EXPECT_EQ(Goldilocks::of(std::numeric_limits<std::int64_t>::min()) + Goldilocks(std::uint64_t{1} << 63),
              Goldilocks(0));
}

TEST(Goldilocks, RootsOfUnityHaveTheirOrder) {
    for (int log_size = 1; log_size <= Goldilocks::kTwoAdicity; ++log_size) {
        const Goldilocks root = Goldilocks::root_of_unity(log_size);
        EXPECT_EQ(root.power(std::uint64_t{1} << (log_size - 1)), Goldilocks::of(-1));
    }
}

template <typename E>
class ExtensionField : public ::testing::Test {
protected:
    static std::vector<E> samples() {
        std::mt19937_64 random(2);
        std::vector<E> elements{E(), E(std::uint64_t{1})};
        for (int i = 0; i < 100; ++i) {
            typename E::Coefficients c;
            for (Goldilocks& x : c)
                x = Goldilocks(i % 3 == 0 ? random() % 2 : random());
            elements.emplace_back(c);
        }
        return elements;
    }
};
using Extensions = ::testing::Types<Extension2, Extension3>;
TYPED_TEST_SUITE(ExtensionField, Extensions);

TYPED_TEST(ExtensionField, IsARingAndEveryElementButZeroHasAnInverse) {
    const auto elements = this->samples();
    for (std::size_t i = 0; i + 2 < elements.size(); ++i) {
        const auto &a = elements[i], &b = elements[i + 1], &c = elements[i + 2];
        ASSERT_EQ(a * b, b * a);
        ASSERT_EQ((a * b) * c, a * (b * c));
        ASSERT_EQ(a * (b + c), a * b + a * c);
        ASSERT_EQ(a - a, TypeParam());
        if (a.is_zero()) continue;
        ASSERT_EQ(a * a.inverse(), TypeParam(std::uint64_t{1}));
    }
}

TYPED_TEST(ExtensionField, MultiplesAreProducts) {
    const auto elements = this->samples();
    for (const TypeParam& by : elements) {
        const MultiplesOf<TypeParam> times(by);
        for (const TypeParam& a : elements)
            ASSERT_EQ(times(a), a * by);
    }
}

TYPED_TEST(ExtensionField, SumsOfProductsAreReducedInTheEnd) {
    const auto elements = this->samples();
    typename TypeParam::Coefficients c;
    c.fill(Goldilocks::of(-1));
    const std::vector<TypeParam> largest(100, TypeParam(c));  // every word's carry
    for (const auto& [a, b] : {std::pair{elements, std::vector(elements.rbegin(), elements.rend())},
                               std::pair{largest, largest}, std::pair{elements, elements}}) {
        TypeParam sum;
        for (std::size_t k = 0; k < a.size(); ++k)
            sum += a[k] * b[k];
        EXPECT_EQ(sum_of_products<TypeParam>(a, b), sum);
    }
}

// A field, and not only a ring: the generator's conjugates under x → x^p are all different, and there are as
// many as the degree, so that its minimal polynomial has that degree.
TYPED_TEST(ExtensionField, HasTheDegreeItSays) {
    typename TypeParam::Coefficients c{};
    c[1] = Goldilocks(1);
    const TypeParam generator(c);
    TypeParam conjugate = generator;
    for (int i = 1; i < TypeParam::kDegree; ++i) {
        conjugate = conjugate.power(Goldilocks::kModulus);
        EXPECT_NE(conjugate, generator);
    }
    EXPECT_EQ(conjugate.power(Goldilocks::kModulus), generator);
}

}  // namespace
}  // namespace valence::zk
