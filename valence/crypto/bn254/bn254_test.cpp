#include "valence/crypto/bn254/bn254.hpp"

#include <random>

#include <gtest/gtest.h>

#include "valence/crypto/bn254/fp.hpp"

namespace valence::crypto::bn254 {
namespace {

constexpr G1Point kG1{1, 2};
const G2Point kG2{
    *U256::from_decimal("10857046999023057135944570762232829481370756359578518086990519993285655852781"),
    *U256::from_decimal("11559732032986387107991004021392285783925812861821192530917403151452391805634"),
    *U256::from_decimal("8495653923123431417604973247489272438418190587263600148770280649306958101930"),
    *U256::from_decimal("4082367875863433681332203403145435568316851327593401208105741076214120093531")};

G1Point times(const U256& k, const G1Point& p = kG1) { return *multiply(p, k); }
G1Point negated(const G1Point& p) { return {p.x, kFieldPrime - p.y}; }

U256 random_number(std::mt19937_64& random) { return {random(), random(), random(), random()}; }

TEST(Bn254Field, inverts) {
    std::mt19937_64 random{1};
    EXPECT_TRUE(Fp{}.inverse().is_zero());
    EXPECT_EQ(Fp::one().inverse(), Fp::one());
    for (int i = 0; i < 200; ++i) {
        auto n = random_number(random) >> (random() % 256);
        while (n >= kFieldPrime)
            n -= kFieldPrime;
        if (n.is_zero()) continue;
        const auto a = Fp::from(n);
        EXPECT_EQ(a.to_number(), n);
        EXPECT_EQ(a * a.inverse(), Fp::one());
    }
    EXPECT_EQ(Fp::from(kFieldPrime - 1).inverse(), Fp::from(kFieldPrime - 1));
}

TEST(Bn254Group, obeys_its_laws) {
    std::mt19937_64 random{2};
    for (int i = 0; i < 50; ++i) {
        const auto a = random_number(random);
        const auto b = random_number(random) >> (random() % 256);
        const auto p = times(a);
        const auto q = times(b);
        EXPECT_EQ(add(p, q), add(q, p));
        EXPECT_EQ(add(p, negated(p)), G1Point{});
        EXPECT_EQ(add(p, p), times(2, p));
        EXPECT_EQ(add(p, G1Point{}), p);
        // (a + b)·G = a·G + b·G, the sum taken modulo the order.
        EXPECT_EQ(add(p, q), times(base::add_mod(a, b, kGroupOrder)));
        EXPECT_EQ(times(b, p), times(base::mul_mod(a, b, kGroupOrder)));
    }
}

TEST(Bn254Group, multiplies_by_small_and_extreme_scalars) {
    G1Point sum{};
    for (std::uint64_t k = 0; k < 100; ++k) {
        EXPECT_EQ(times(k), sum) << k;
        EXPECT_EQ(times(kGroupOrder - k), sum.x.is_zero() ? sum : negated(sum)) << k;
        sum = *add(sum, kG1);
    }
    EXPECT_EQ(times(kGroupOrder), G1Point{});
    EXPECT_EQ(times(U256::max()), times(U256::max() % kGroupOrder));
    EXPECT_EQ(multiply(G1Point{}, 5), G1Point{});
}

TEST(Bn254Group, refuses_points_off_the_curve_and_unreduced_coordinates) {
    EXPECT_FALSE(add({1, 3}, kG1));
    EXPECT_FALSE(add(kG1, {1, 3}));
    EXPECT_FALSE(multiply({1, 3}, 0));
    EXPECT_FALSE(multiply({kFieldPrime + 1, 2}, 1));
    EXPECT_FALSE(add({0, kFieldPrime}, kG1));
}

TEST(Bn254Pairing, is_bilinear) {
    std::mt19937_64 random{3};
    for (int i = 0; i < 5; ++i) {
        const auto a = random_number(random);
        const auto b = random_number(random);
        // e(a·G, H) · e(b·G, H) · e(−(a + b)·G, H) = 1, and not if one term is off.
        const auto sum = *add(times(a), times(b));
        EXPECT_EQ(
            pairing_check(std::array{Pair{times(a), kG2}, Pair{times(b), kG2}, Pair{negated(sum), kG2}}),
            true);
        EXPECT_EQ(pairing_check(std::array{Pair{times(a), kG2}, Pair{times(b), kG2}, Pair{sum, kG2}}), false);
    }
}

TEST(Bn254Pairing, takes_infinity_for_one_and_nothing_for_true) {
    EXPECT_EQ(pairing_check({}), true);
    EXPECT_EQ(pairing_check(std::array{Pair{{}, kG2}}), true);
    EXPECT_EQ(pairing_check(std::array{Pair{kG1, {}}}), true);
    EXPECT_EQ(pairing_check(std::array{Pair{kG1, kG2}}), false);
    EXPECT_EQ(pairing_check(std::array{Pair{kG1, kG2}, Pair{negated(kG1), kG2}, Pair{{}, kG2}}), true);
}

TEST(Bn254Pairing, refuses_points_of_the_twist_outside_the_subgroup) {
    // On the twist, with orders that have other factors than r: two found by solving
    // for y at x = k + i, then one each of the small orders 10069 and 5864401.
    const std::array outside = {
        G2Point{*U256::from_hex("0x0000000000000000000000000000000000000000000000000000000000000002"),
                *U256::from_hex("0x0000000000000000000000000000000000000000000000000000000000000001"),
                *U256::from_hex("0x101f7278419308b95099eca02dcee0c5381f4d26d1d62313f057167f064101ce"),
                *U256::from_hex("0x2b76c179599bb92a963dac85546a005a777f7c13f6a7b75d5918b6b5808f5fde")},
        G2Point{*U256::from_hex("0x0000000000000000000000000000000000000000000000000000000000000003"),
                *U256::from_hex("0x0000000000000000000000000000000000000000000000000000000000000001"),
                *U256::from_hex("0x18317863a822ced60b87aca78e89515cb87f54f50c1600e4512dc35743fa5543"),
                *U256::from_hex("0x16f36623ff7c6a394eb9190bb391072c1e41899e5fd5bf84d7132ea39ab5ab0c")},
        G2Point{*U256::from_hex("0x163b1e6d53c2b9384d7a50f52db7a5f3089a85d87695f7b4f0dfb367204e3d74"),
                *U256::from_hex("0x1f1939a35248c05963dc28c492bd5496d0ee07203ed62a4646610343b7f519d1"),
                *U256::from_hex("0x20616720904c4e3ec2056718d1a8fd28cb3978424461aec3ed1ee4534b60ca11"),
                *U256::from_hex("0x05b7ee9fa25c610b779f046afe61bc518aac03cdfed3a82e1851d413bf4e56e1")},
        G2Point{*U256::from_hex("0x29e8610c8789308c1c0ca7ee0cc0e07fbf63903d0dba55b477fc0733c50f5bce"),
                *U256::from_hex("0x2f42ffc4baed89b71b752e0be813e0a1a9ad5e93ee9f72528373e52e65a33896"),
                *U256::from_hex("0x25554c4c7c5d2f90f95408d1c70fc38319b4949b62fac6145d3614cebb30be04"),
                *U256::from_hex("0x0582249d607fe0231130699b772c7a729348e80c1aeb3733c3a989188cb4dfdf")},
    };
    for (const auto& q : outside) {
        EXPECT_EQ(pairing_check(std::array{Pair{kG1, q}}), std::nullopt);
        // Even where P is infinity.
        EXPECT_EQ(pairing_check(std::array{Pair{{}, q}}), std::nullopt);
    }
}

TEST(Bn254Pairing, refuses_points_off_the_twist) {
    auto q = kG2;
    q.x_real += 1;
    EXPECT_FALSE(pairing_check(std::array{Pair{kG1, q}}));
    q = kG2;
    q.y_imaginary += kFieldPrime;
    EXPECT_FALSE(pairing_check(std::array{Pair{kG1, q}}));
    EXPECT_FALSE(pairing_check(std::array{Pair{{1, 3}, kG2}}));
    EXPECT_FALSE(pairing_check(std::array{Pair{{1, 3}, {}}}));
}

}  // namespace
}  // namespace valence::crypto::bn254
