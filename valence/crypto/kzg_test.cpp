#include "valence/crypto/kzg.hpp"

#include <gtest/gtest.h>

namespace valence::crypto::kzg {
namespace {

Point point(std::string_view digits) {
    Point out;
    const auto bytes = *base::from_hex(digits);
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

const auto kInfinity = [] {
    Point out{};
    out[0] = 0xc0;
    return out;
}();
const auto kGenerator =
    point("97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb");

TEST(Kzg, a_constant_polynomial_takes_its_value_everywhere) {
    // The commitment to the constant 1 is the generator; its quotient, and so the proof, is 0.
    for (const U256 z : {U256{0}, U256{5}, kScalarModulus - 1}) {
        EXPECT_TRUE(verify_point_evaluation(kGenerator, z, 1, kInfinity));
        EXPECT_FALSE(verify_point_evaluation(kGenerator, z, 2, kInfinity));
        EXPECT_TRUE(verify_point_evaluation(kInfinity, z, 0, kInfinity));
    }
}

TEST(Kzg, a_linear_polynomial_takes_its_values) {
    // The commitment to X is [τ]G1, the second of the setup's "g1_monomial" points; its quotient at any z
    // is 1.
    const auto tau = point(
        "ad3eb50121139aa34db1d545093ac9374ab7bca2c0f3bf28e27c8dcd8fc7cb42d25926fc0c97b336e9f0fb35e5a04c81");
    EXPECT_TRUE(verify_point_evaluation(tau, 0, 0, kGenerator));
    EXPECT_TRUE(verify_point_evaluation(tau, 77, 77, kGenerator));
    EXPECT_FALSE(verify_point_evaluation(tau, 77, 78, kGenerator));
    // Every digit of y, and the largest y.
    for (std::uint64_t digit = 1; digit < 16; ++digit) {
        const auto limb = digit * 0x1111111111111111;
        const U256 value = U256{limb, limb, limb, limb >> 2};
        EXPECT_TRUE(verify_point_evaluation(tau, value, value, kGenerator)) << digit;
        EXPECT_FALSE(verify_point_evaluation(tau, value, value + 1, kGenerator)) << digit;
    }
    EXPECT_TRUE(verify_point_evaluation(tau, kScalarModulus - 1, kScalarModulus - 1, kGenerator));
    EXPECT_FALSE(verify_point_evaluation(tau, 77, 77, kInfinity));
}

TEST(Kzg, refuses_unreduced_scalars_and_bad_points) {
    EXPECT_FALSE(verify_point_evaluation(kInfinity, kScalarModulus, 0, kInfinity));
    EXPECT_FALSE(verify_point_evaluation(kInfinity, 0, kScalarModulus, kInfinity));
    EXPECT_FALSE(verify_point_evaluation({}, 0, 0, kInfinity));
    auto off_curve = kGenerator;
    off_curve[47] ^= 1;
    EXPECT_FALSE(verify_point_evaluation(off_curve, 0, 1, kInfinity));
    // x = 0 with y = 2: on the curve, of order 3.
    Point small_order{};
    small_order[0] = 0x80;
    EXPECT_FALSE(verify_point_evaluation(small_order, 0, 0, kInfinity));
}

}  // namespace
}  // namespace valence::crypto::kzg
