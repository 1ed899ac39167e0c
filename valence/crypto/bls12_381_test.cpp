#include "valence/crypto/bls12_381.hpp"

#include <gtest/gtest.h>

namespace valence::crypto::bls12_381 {
namespace {

Bytes element(std::string_view digits) {
    auto number = *base::from_hex(digits);
    Bytes out(kFpSize - number.size());
    base::append(out, number);
    return out;
}

Bytes joined(std::initializer_list<BytesView> parts) {
    Bytes out;
    for (const auto part : parts)
        base::append(out, part);
    return out;
}

const Bytes kG1 = joined(
    {element(
         "17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"),
     element("08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e"
             "1")});
const auto kPrime = element(
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab");

Bytes term(const Bytes& point, const U256& scalar) { return joined({point, scalar.to_hash()}); }

TEST(Bls12G1, adds_what_it_multiplies) {
    const auto twice = g1_add(joined({kG1, kG1}));
    ASSERT_TRUE(twice);
    EXPECT_EQ(twice, g1_msm(term(kG1, 2)));
    EXPECT_EQ(g1_add(joined({*twice, kG1})), g1_msm(joined({term(kG1, 2), term(kG1, 1)})));
    // Terms that contribute nothing.
    const Bytes infinity(kG1Size);
    EXPECT_EQ(g1_msm(term(kG1, 0)), infinity);
    EXPECT_EQ(g1_msm(joined({term(infinity, 7), term(kG1, 0)})), infinity);
    EXPECT_EQ(g1_msm(joined({term(infinity, 7), term(kG1, 2)})), twice);
    EXPECT_EQ(g1_add(joined({infinity, kG1})), kG1);
}

TEST(Bls12G1, takes_scalars_modulo_the_group_order) {
    const auto order = *U256::from_hex("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001");
    EXPECT_EQ(g1_msm(term(kG1, order)), Bytes(kG1Size));
    EXPECT_EQ(g1_msm(term(kG1, order + 1)), kG1);
    EXPECT_EQ(g1_msm(joined({term(kG1, order - 1), term(kG1, order + 1)})), Bytes(kG1Size));
}

TEST(Bls12G1, refuses_what_is_not_a_point) {
    auto off_curve = kG1;
    off_curve.back() ^= 1;
    EXPECT_FALSE(g1_add(joined({off_curve, kG1})));
    auto padded = kG1;
    padded[0] = 1;
    EXPECT_FALSE(g1_add(joined({padded, kG1})));
    EXPECT_FALSE(g1_add(joined({kPrime, kPrime, kG1})));
    EXPECT_FALSE(g1_add(kG1));
    EXPECT_FALSE(g1_msm({}));
    EXPECT_FALSE(map_fp_to_g1(kPrime));
    EXPECT_FALSE(pairing_check({}));
}

TEST(Bls12G1, adds_points_outside_the_subgroup_but_does_not_multiply_them) {
    // (0, 2) is on y² = x³ + 4, of order 3.
    Bytes point(kG1Size);
    point.back() = 2;
    EXPECT_TRUE(g1_add(joined({point, point})));
    EXPECT_FALSE(g1_msm(term(point, 1)));
    EXPECT_FALSE(g1_msm(term(point, 0)));
}

}  // namespace
}  // namespace valence::crypto::bls12_381
