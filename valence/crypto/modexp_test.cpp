#include "valence/crypto/modexp.hpp"

#include <random>

#include <gtest/gtest.h>

namespace valence::crypto {
namespace {

U256 power_mod(const U256& base, const U256& exponent, const U256& modulus) {
    auto result = U256{1} % modulus;
    for (int bit = 255; bit >= 0; --bit) {
        result = base::mul_mod(result, result, modulus);
        if ((exponent >> static_cast<std::uint64_t>(bit)).low_u64() & 1) {
            result = base::mul_mod(result, base, modulus);
        }
    }
    return result;
}

TEST(Modexp, equals_square_and_multiply_on_256_bit_numbers) {
    std::mt19937_64 random{7};
    for (int i = 0; i < 200; ++i) {
        const auto number = [&] { return U256{random(), random(), random(), random()} >> (random() % 256); };
        const auto base = number();
        const auto exponent = number();
        const auto modulus = number();
        if (modulus.is_zero()) continue;
        EXPECT_EQ(U256::from_be(modexp(base.to_hash(), exponent.to_hash(), modulus.to_hash())),
                  power_mod(base, exponent, modulus));
    }
}

TEST(Modexp, answers_as_many_bytes_as_the_modulus_has) {
    EXPECT_EQ(modexp(Bytes{2}, Bytes{3}, {}), Bytes{});
    EXPECT_EQ(modexp(Bytes{2}, Bytes{3}, Bytes(5)), Bytes(5));
    EXPECT_EQ(modexp({}, {}, (Bytes{0, 0, 7})), (Bytes{0, 0, 1}));
    EXPECT_EQ(modexp({}, {}, Bytes{1}), Bytes{0});
    EXPECT_EQ(modexp(Bytes{2}, Bytes{10}, (Bytes{0, 1, 0, 0})), (Bytes{0, 0, 4, 0}));
}

}  // namespace
}  // namespace valence::crypto
