#include "valence/crypto/arithmetic/limbs.hpp"

#include <random>

#include <gtest/gtest.h>

#include "valence/crypto/arithmetic/fold_prime.hpp"
#include "valence/crypto/bn254/fp.hpp"
#include "valence/crypto/secp256k1_field.hpp"

#if VALENCE_HAS_X86_KERNELS

namespace valence::crypto {
namespace {

/// Random limbs, many of them all zeros or all ones, where carries run.
Limbs random_limbs(std::mt19937_64& random) {
    Limbs limbs;
    for (auto& limb : limbs) {
        const auto kind = random() % 8;
        limb = kind == 0 ? 0 : kind == 1 ? ~std::uint64_t{0} : kind == 2 ? random() >> 40 : random();
    }
    return limbs;
}

constexpr int kRounds = 20'000;

TEST(Kernels, in_assembly_fold_like_the_portable_ones) {
    if (!kHasAdx) GTEST_SKIP() << "this CPU has no ADX";
    constexpr auto kFold = secp256k1::kFold;
    std::mt19937_64 random{21};
    for (int i = 0; i < kRounds; ++i) {
        const auto a = random_limbs(random);
        const auto b = random_limbs(random);
        ASSERT_EQ(fold_multiply_adx<kFold>(a, b), fold_multiply_portable<kFold>(a, b));
        ASSERT_EQ(fold_square_adx<kFold>(a), fold_multiply_portable<kFold>(a, a));
        ASSERT_EQ(fold_add_x86<kFold>(a, b), fold_add_portable<kFold>(a, b));
        ASSERT_EQ(fold_half_x86<kFold>(a), fold_half_portable<kFold>(a));
        ASSERT_EQ(fold_subtract_x86<kFold>(a, b), fold_subtract_portable<kFold>(a, b));
    }
}

TEST(Kernels, in_assembly_multiply_like_montgomery_s_portable_one) {
    if (!kHasAdx) GTEST_SKIP() << "this CPU has no ADX";
    const auto& m = bn254::kMontgomery;
    std::mt19937_64 random{22};
    const auto below_modulus = [&] {
        auto n = random_limbs(random);
        for (int i = 0; i < 6; ++i)
            n = reduce_once(n, m.modulus);
        return n;
    };
    for (int i = 0; i < kRounds; ++i) {
        const auto a = below_modulus();
        const auto b = below_modulus();
        ASSERT_EQ(montgomery_multiply_adx(a, b, m), montgomery_multiply_portable(a, b, m));
        const auto c = below_modulus();
        const auto d = below_modulus();
        ASSERT_EQ(montgomery_multiply_sum_adx(a, b, c, d, m),
                  add_modulo_x86(montgomery_multiply_portable(a, b, m), montgomery_multiply_portable(c, d, m),
                                 m.modulus));
        std::uint64_t carry = 0;
        const auto sum = add_modulo_x86(a, b, m.modulus);
        ASSERT_EQ(sum, reduce_once(add_limbs(a, b, carry), m.modulus));
        ASSERT_EQ(subtract_modulo_x86(sum, b, m.modulus), a);
        std::uint64_t borrow = 0;
        ASSERT_EQ(subtract_limbs_x86(a, b), subtract_limbs(a, b, borrow));
        const auto any = random_limbs(random);
        ASSERT_EQ(reduce_once_x86(any, m.modulus), reduce_once(any, m.modulus));
        const auto factor = random();
        const auto wide = multiply_wide(a, {factor, 0, 0, 0});
        const auto low = add_limbs({wide[0], wide[1], wide[2], wide[3]}, b, carry);
        ASSERT_EQ(multiply_small_add_adx(a, factor, b),
                  (std::array<std::uint64_t, 5>{low[0], low[1], low[2], low[3], wide[4] + carry}));
    }
}

TEST(Kernels, in_assembly_take_one_unreduced_operand_a_product) {
    if (!kHasAdx) GTEST_SKIP() << "this CPU has no ADX";
    const auto& m = bn254::kMontgomery;
    // The modulus stands for 0, and twice the modulus less one is the largest that is allowed.
    std::uint64_t carry = 0;
    Limbs largest = m.modulus;
    largest[0] -= 1;
    const auto unreduced = add_limbs(m.modulus, largest, carry);
    EXPECT_EQ(montgomery_multiply_adx(m.modulus, largest, m), Limbs{});
    EXPECT_EQ(montgomery_multiply_adx(unreduced, largest, m),
              montgomery_multiply_portable(largest, largest, m));
    const auto square = montgomery_multiply_portable(largest, largest, m);
    EXPECT_EQ(montgomery_multiply_sum_adx(unreduced, largest, largest, unreduced, m),
              add_modulo_x86(square, square, m.modulus));
}

TEST(Kernels, in_assembly_sum_six_products) {
    if (!kHasAdx) GTEST_SKIP() << "this CPU has no ADX";
    const auto& m = bn254::kMontgomery;
    std::mt19937_64 random{23};
    // Up to the modulus itself, where the sum is largest.
    const auto operand = [&] {
        if (random() % 4 == 0) return m.modulus;
        auto n = random_limbs(random);
        for (int i = 0; i < 6; ++i)
            n = reduce_once(n, m.modulus);
        return n;
    };
    for (int i = 0; i < kRounds; ++i) {
        std::array<Limbs, 10> a;
        std::array<Limbs, 8> b;
        for (auto& limbs : a)
            limbs = i == 0 ? m.modulus : operand();
        for (auto& limbs : b)
            limbs = i == 0 ? m.modulus : operand();
        Limbs sum{};
        constexpr std::array<std::pair<std::size_t, std::size_t>, 6> kPairs{
            {{0, 0}, {1, 1}, {4, 3}, {5, 4}, {8, 6}, {9, 7}}};
        for (const auto& [in_a, in_b] : kPairs) {
            const auto product = montgomery_multiply_portable(reduce_once(a[in_a], m.modulus), b[in_b], m);
            sum = add_modulo_x86(sum, product, m.modulus);
        }
        ASSERT_EQ((montgomery_six_products_adx<4 * 32, 8 * 32>(a.data(), b.data(), m)), sum);
    }
}

}  // namespace
}  // namespace valence::crypto

#endif
