#include "valence/base/u256.hpp"

#include <random>

#include <gtest/gtest.h>

namespace valence::base {
namespace {

/// Any width, with limbs of all zeros and all ones more often than chance has them: those reach division's
/// rare cases.
U256 random_word(std::mt19937_64& random) {
    U256 r{random(), random(), random(), random()};
    const auto shape = random();
    for (std::size_t i = 0; i < 4; ++i) {
        const auto kind = shape >> (8 * i) & 15;
        if (kind == 0) r.limbs[i] = 0;
        if (kind <= 2 && kind > 0) r.limbs[i] = ~std::uint64_t{0};
    }
    return r >> (random() % 256);
}

TEST(U256, PrintsAndParses) {
    EXPECT_EQ(U256::max().to_decimal(),
              "115792089237316195423570985008687907853269984665640564039457584007913129639935");
    EXPECT_EQ(
        U256::from_decimal("115792089237316195423570985008687907853269984665640564039457584007913129639935"),
        U256::max());
    EXPECT_FALSE(
        U256::from_decimal("115792089237316195423570985008687907853269984665640564039457584007913129639936"));
    EXPECT_EQ(U256{}.to_hex(), "0x0");
    EXPECT_EQ(U256::from_hex("0x0fF")->low_u64(), 255U);
    EXPECT_FALSE(U256::from_hex("0x"));
}

TEST(U256, DivisionUndoesMultiplication) {
    std::mt19937_64 random{1};
    for (int i = 0; i < 200'000; ++i) {
        const auto a = random_word(random);
        const auto b = random_word(random);
        const auto [q, r] = div_mod(a, b);
        if (b.is_zero()) {
            EXPECT_TRUE(q.is_zero() && r.is_zero());
            continue;
        }
        EXPECT_LT(r, b);
        EXPECT_FALSE(mul_overflow(q, b).overflow);
        EXPECT_EQ(q * b + r, a);
    }
}

TEST(U256, ModularProductAgreesWithRepeatedDoubling) {
    std::mt19937_64 random{2};
    for (int i = 0; i < 500; ++i) {
        const auto m = random_word(random) | U256{1};
        const auto a = random_word(random);
        const auto b = random_word(random);
        U256 expected;
        for (int bit = 255; bit >= 0; --bit) {
            expected = add_mod(expected, expected, m);
            if ((b.limbs[bit / 64] >> (bit % 64) & 1) != 0) expected = add_mod(expected, a, m);
        }
        EXPECT_EQ(mul_mod(a, b, m), expected);
    }
}

TEST(U256, LargeDigitsOfTheQuotientAreExact) {
    // Dividends whose top limbs equal the divisor's, where the estimate of a digit is the largest there is.
    std::mt19937_64 random{3};
    for (int i = 0; i < 100'000; ++i) {
        const auto q = random_word(random);
        const auto b = random_word(random);
        if (b.is_zero() || mul_overflow(q, b).overflow) continue;
        const auto product = q * b;
        EXPECT_EQ(product / b, q);
        EXPECT_TRUE((product % b).is_zero());
        if (product.is_zero()) continue;
        const auto below = div_mod(product - U256{1}, b);
        EXPECT_EQ(below.quotient, q - U256{1});
        EXPECT_EQ(below.remainder, b - U256{1});
    }
}

TEST(U256, ModularProductKeepsItsResidue) {
    // (m − x)(m − y) = xy mod m.
    std::mt19937_64 random{4};
    for (int i = 0; i < 50'000; ++i) {
        const auto m = random_word(random);
        if (m.is_zero()) continue;
        const auto x = random_word(random) % m;
        const auto y = random_word(random) % m;
        EXPECT_EQ(mul_mod(m - x, m - y, m), mul_mod(x, y, m));
        const auto [product, overflow] = mul_overflow(x, y);
        if (!overflow) {
            EXPECT_EQ(mul_mod(x, y, m), product % m);
        }
    }
}

TEST(U256, KernelsInAssemblyAgreeWithThePortableOnes) {
    std::mt19937_64 random{5};
    for (int i = 0; i < 100'000; ++i) {
        const auto a = random_word(random);
        const auto b = random_word(random);
        EXPECT_EQ((a + b).limbs, limbs::portable::add(a.limbs, b.limbs).value);
        EXPECT_EQ((a - b).limbs, limbs::portable::sub(a.limbs, b.limbs).value);
        EXPECT_EQ(add_overflow(a, b).overflow, limbs::portable::add(a.limbs, b.limbs).carry);
        EXPECT_EQ(less(a, b), (a <=> b) < 0);
        const auto flip = U256{1} << 255;
        EXPECT_EQ(signed_less(a, b), ((a ^ flip) <=> (b ^ flip)) < 0);
    }
}

TEST(U256, ShiftsAgreeWithDoubling) {
    std::mt19937_64 random{6};
    for (int i = 0; i < 100; ++i) {
        const auto a = random_word(random);
        U256 left = a;
        for (unsigned shift = 0; shift <= 256; ++shift) {
            EXPECT_EQ(a << shift, left);
            const auto right = a >> shift;
            EXPECT_EQ(shift < 256 ? right << shift : U256{},
                      shift < 256 ? a - (a & ((U256{1} << shift) - U256{1})) : U256{});
            const auto arithmetic = shift_right_arithmetic(a, shift);
            EXPECT_EQ(arithmetic, a.is_negative() ? right | ~(U256::max() >> shift) : right);
            left = left + left;
        }
    }
}

TEST(U256, ShiftsByWholeAndPartialLimbs) {
    const U256 one = 1;
    EXPECT_EQ((one << 255) >> 255, one);
    EXPECT_EQ(one << 256, U256{});
    EXPECT_EQ((one << 64).limbs[1], 1U);
    EXPECT_EQ(U256::max() >> 192, U256{~0ULL});
}

TEST(U256, SignedDivisionTruncatesTowardsZero) {
    EXPECT_EQ(signed_div(-U256{7}, 2), -U256{3});
    EXPECT_EQ(signed_mod(-U256{7}, 2), -U256{1});
    const auto minimum = U256{1} << 255;
    EXPECT_EQ(signed_div(minimum, -U256{1}), minimum);
}

}  // namespace
}  // namespace valence::base
