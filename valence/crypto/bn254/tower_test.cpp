#include "valence/crypto/bn254/tower.hpp"

#include <random>

#include <gtest/gtest.h>

namespace valence::crypto::bn254 {
namespace {

/// Random elements, many of whose parts are 0 or the largest.
class RandomElements {
public:
    Fp fp() {
        const auto kind = random_() % 6;
        if (kind == 0) return {};
        if (kind == 1) return {(kFieldPrime - 1).limbs};
        return Fp::from(U256{random_(), random_(), random_(), random_()} % kFieldPrime);
    }
    Fp2 fp2() {
        const auto real = fp();
        return {real, fp()};
    }
    Fp6 fp6() {
        const auto c0 = fp2();
        const auto c1 = fp2();
        return {c0, c1, fp2()};
    }
    Fp12 fp12() {
        const auto c0 = fp6();
        return {c0, fp6()};
    }

private:
    std::mt19937_64 random_{1};
};

TEST(Bn254Tower, multiplies_by_lines_as_by_any_element) {
    RandomElements random;
    for (int i = 0; i < 5'000; ++i) {
        const auto a = random.fp12();
        const Line line{random.fp2(), random.fp2(), random.fp2()};
        const auto product = multiply_line(a, line);
        ASSERT_EQ(product, detail::multiply_line_karatsuba(a, line));
        ASSERT_EQ(product, (a * Fp12{{line.l0, {}, {}}, {line.l1, line.l2, {}}}));
    }
}

TEST(Bn254Tower, squares_as_it_multiplies) {
    RandomElements random;
    for (int i = 0; i < 2'000; ++i) {
        const auto x = random.fp2();
        ASSERT_EQ(square(x), x * x);
        ASSERT_EQ(times_xi(x), kXi * x);
        const auto a = random.fp12();
        ASSERT_EQ(square(a), a * a);
        // The inverse of the conjugate times the element lies where p^6 − 1 leads, two Frobenius maps further
        // in the cyclotomic subgroup.
        if (a == Fp12{}) continue;
        const auto b = conjugate(a) * a.inverse();
        const auto c = frobenius(frobenius(b)) * b;
        ASSERT_EQ(cyclotomic_square(c), c * c);
    }
}

TEST(Bn254Tower, inverts) {
    RandomElements random;
    for (int i = 0; i < 200; ++i) {
        const auto a = random.fp12();
        if (a == Fp12{}) continue;
        ASSERT_EQ(a * a.inverse(), Fp12::one());
    }
}

}  // namespace
}  // namespace valence::crypto::bn254
