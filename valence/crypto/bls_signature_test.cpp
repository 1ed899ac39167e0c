#include "valence/crypto/bls_signature.hpp"

#include <gtest/gtest.h>

namespace valence::crypto::bls {
namespace {

constexpr std::string_view kBasicScheme = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";

SecretKey secret(std::string_view digits) { return SecretKey::from_bytes(*base::from_hex(digits)).value(); }
template <typename T>
T fixed(std::string_view digits) {
    return base::from_exact<T>(*base::from_hex(digits));
}

const auto kOne = "0000000000000000000000000000000000000000000000000000000000000001";
const auto kKey = "263dbd792f5b1be47ed85f8938c0f29586af0d3ac7b977f21c278fe1462040e3";

/// RFC 9380, J.9.1: with the key 1 a signature is the hash itself, compressed.
TEST(BlsSignature, hashes_messages_as_the_rfc_does) {
    constexpr std::string_view kDomain = "QUUX-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_RO_";
    const auto signature = secret(kOne).sign({}, kDomain);
    const auto x = *base::from_hex(
        "052926add2207b76ca4fa57a8734416c8dc95e24501772c814278700eed6d1e4e8cf62d9c09db0fac349612b759e79a1");
    auto bytes = base::to_bytes(signature.bytes);
    bytes[0] &= 0x1f;
    EXPECT_EQ(bytes, x);
}

/// The public randomness beacon drand, chain "quicknet", round 1000: its message is the SHA-256 of the round.
TEST(BlsSignature, verifies_what_another_beacon_signed) {
    const auto key = Verifier::of(fixed<PublicKey>(
        "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
        "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"));
    ASSERT_TRUE(key);
    const auto digest = *base::from_hex("f652498d092acd949bad74e40683bf3824fb817980504a0c7e6722cfc5a9c0a3");
    const auto signature = fixed<Signature>(
        "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39");
    EXPECT_TRUE(key->verify({digest, signature}, kBasicScheme));
    EXPECT_FALSE(key->verify({digest, signature}, "another domain"));
}

/// Made by @noble/curves.
TEST(BlsSignature, signs_as_another_implementation) {
    const auto key = secret(kKey);
    EXPECT_EQ(key.public_key(),
              fixed<PublicKey>(
                  "ac400b70f6f8cd35648f5c126cce5417f3be4d8eefbd42ceb4286a14df7e03135313fe5845e3a575faab3"
                  "e8b949d248814856c22d8cdb2967c720e963eedc999e738373b14172f06fc915769d3cc5ab7ae0a1b9c38"
                  "f48b5585fb09d4bd2733bb"));
    const Bytes message(32, 0x56);
    EXPECT_EQ(key.sign(message, kBasicScheme),
              fixed<Signature>(
                  "b79cc344c84cf9db30bca43942a193f850155566b2d411121f34bbb8fe132465d21d0b423712a2fd6d02c"
                  "e7a5d2e87e9"));
}

TEST(BlsSignature, is_refused_for_another_message_key_or_point) {
    const auto key = secret(kKey);
    const auto verifier = Verifier::of(key.public_key()).value();
    const Bytes message{1, 2, 3};
    const Bytes other{1, 2, 4};
    const auto signature = key.sign(message, kBasicScheme);
    EXPECT_TRUE(verifier.verify({message, signature}, kBasicScheme));
    EXPECT_FALSE(verifier.verify({other, signature}, kBasicScheme));
    EXPECT_FALSE(Verifier::of(secret(kOne).public_key())->verify({message, signature}, kBasicScheme));

    auto negated = signature;
    negated[0] ^= 0x20;
    EXPECT_FALSE(verifier.verify({message, negated}, kBasicScheme));
    auto infinity = Signature{};
    infinity[0] = 0xc0;
    EXPECT_FALSE(verifier.verify({message, infinity}, kBasicScheme));
    EXPECT_FALSE(verifier.verify({message, Signature{}}, kBasicScheme));
    // (0, 2) is on the curve, of order 3.
    auto small = Signature{};
    small[0] = 0x80;
    EXPECT_FALSE(verifier.verify({message, small}, kBasicScheme));
    auto uncompressed = signature;
    uncompressed[0] &= 0x7f;
    EXPECT_FALSE(verifier.verify({message, uncompressed}, kBasicScheme));
    // The signature and that point: it pairs as the signature does, and would be a second one.
    const auto moved = fixed<Signature>(
        "90efbe53b05ceaf6170711c9f6f76e7654e20eb100d536bfba09545416d9a88c46e5fa384a43fb8d34941f3185510270");
    EXPECT_FALSE(verifier.verify({message, moved}, kBasicScheme));
    const std::array both{SignedMessage{message, signature}, SignedMessage{message, moved}};
    EXPECT_FALSE(verifier.verify_all(both, kBasicScheme));
}

TEST(BlsSignature, takes_only_keys_of_the_subgroup) {
    EXPECT_FALSE(Verifier::of(PublicKey{}));
    auto infinity = PublicKey{};
    infinity[0] = 0xc0;
    EXPECT_FALSE(Verifier::of(infinity));
    // Nearly every point of the twist is outside of the subgroup: half of all x have one.
    int outside = 0;
    for (std::uint8_t x = 1; x < 20; ++x) {
        auto key = PublicKey{};
        key[0] = 0x80;
        key[95] = x;
        if (!Verifier::of(key)) ++outside;
    }
    EXPECT_EQ(outside, 19);
}

TEST(BlsSignature, of_a_secret_key_that_is_no_scalar_is_none) {
    EXPECT_FALSE(SecretKey::from_bytes(Bytes(32, 0)));
    EXPECT_FALSE(SecretKey::from_bytes(Bytes(32, 0xff)));
    EXPECT_FALSE(SecretKey::from_bytes(Bytes(31, 1)));
    EXPECT_FALSE(SecretKey::from_bytes(
        *base::from_hex("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001")));
    EXPECT_FALSE(SecretKey::generate(Bytes(31, 1)));
    const auto made = SecretKey::generate(Bytes(32, 1)).value();
    EXPECT_EQ(SecretKey::from_bytes(made.reveal())->public_key(), made.public_key());
}

struct Batch {
    SecretKey key = secret(kKey);
    Verifier verifier = Verifier::of(key.public_key()).value();
    std::vector<Bytes> messages;
    std::vector<SignedMessage> all;

    explicit Batch(std::uint8_t size) {
        for (std::uint8_t i = 0; i < size; ++i)
            messages.push_back(Bytes{i});
        for (const auto& message : messages)
            all.push_back({message, key.sign(message, kBasicScheme)});
    }
    bool verifies() const { return verifier.verify_all(all, kBasicScheme); }
};

class BlsBatch : public ::testing::TestWithParam<std::uint8_t> {};

TEST_P(BlsBatch, holds_where_each_of_it_holds) {
    Batch batch(GetParam());
    EXPECT_TRUE(batch.verifies());
    for (auto& one : batch.all) {
        const auto right = one.signature;
        one.signature = batch.key.sign(Bytes{200}, kBasicScheme);
        EXPECT_FALSE(batch.verifies());
        one.signature = right;
    }
    if (batch.all.size() < 2) return;
    // Their sum stays what it was.
    std::swap(batch.all[0].signature, batch.all[1].signature);
    EXPECT_FALSE(batch.verifies());
}

INSTANTIATE_TEST_SUITE_P(Sizes, BlsBatch, ::testing::Values(0, 1, 2, 3, 17));

}  // namespace
}  // namespace valence::crypto::bls
