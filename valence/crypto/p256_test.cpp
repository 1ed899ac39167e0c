#include "valence/crypto/p256.hpp"

#include <gtest/gtest.h>

#include "valence/crypto/sha256.hpp"

namespace valence::crypto {
namespace {

// RFC 6979, appendix A.2.5, SHA-256 of "sample".
const auto kX = *U256::from_hex("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6");
const auto kY = *U256::from_hex("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
const auto kR = *U256::from_hex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716");
const auto kS = *U256::from_hex("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
const auto kOrder = *U256::from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
const auto kPrime = *U256::from_hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");

TEST(P256, accepts_the_signature_of_rfc_6979) {
    const auto digest = sha256(base::as_bytes("sample"));
    EXPECT_TRUE(p256_verify(digest, kR, kS, {kX, kY}));
    EXPECT_TRUE(p256_verify(digest, kR, kOrder - kS, {kX, kY}));
    EXPECT_FALSE(p256_verify(sha256(base::as_bytes("test")), kR, kS, {kX, kY}));
    EXPECT_FALSE(p256_verify(digest, kR, kS + 1, {kX, kY}));
}

TEST(P256, refuses_numbers_out_of_range_and_points_off_the_curve) {
    const auto digest = sha256(base::as_bytes("sample"));
    EXPECT_FALSE(p256_verify(digest, 0, kS, {kX, kY}));
    EXPECT_FALSE(p256_verify(digest, kR, 0, {kX, kY}));
    EXPECT_FALSE(p256_verify(digest, kOrder, kS, {kX, kY}));
    EXPECT_FALSE(p256_verify(digest, kR, kOrder, {kX, kY}));
    EXPECT_FALSE(p256_verify(digest, kR, kS, {kX, kY + 1}));
    EXPECT_FALSE(p256_verify(digest, kR, kS, {0, 0}));
    EXPECT_FALSE(p256_verify(digest, kR, kS, {kPrime, kY}));
}

}  // namespace
}  // namespace valence::crypto
