#include "valence/base/u256.hpp"

#include <gtest/gtest.h>

#include <random>

namespace valence::base {
namespace {

U256 random_word(std::mt19937_64& random) {
    U256 r{random(), random(), random(), random()};
    return r >> (random() % 256);
}

TEST(U256, PrintsAndParses) {
    EXPECT_EQ(U256::max().to_decimal(),
              "115792089237316195423570985008687907853269984665640564039457584007913129639935");
    EXPECT_EQ(U256::from_decimal("115792089237316195423570985008687907853269984665640564039457584007913129639935"),
              U256::max());
    EXPECT_FALSE(
        U256::from_decimal("115792089237316195423570985008687907853269984665640564039457584007913129639936"));
    EXPECT_EQ(U256{}.to_hex(), "0x0");
    EXPECT_EQ(U256::from_hex("0x0fF")->low_u64(), 255U);
    EXPECT_FALSE(U256::from_hex("0x"));
}

TEST(U256, DivisionUndoesMultiplication) {
    std::mt19937_64 random{1};
    for (int i = 0; i < 20'000; ++i) {
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
