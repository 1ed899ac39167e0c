#include "valence/crypto/secp256k1.hpp"

#include <gtest/gtest.h>

#include "valence/crypto/keccak.hpp"

namespace valence::crypto {
namespace {

// The first two accounts of the well-known test mnemonic "test test ... junk".
constexpr auto kKey0 = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"_hash;
constexpr auto kAddress0 = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"_address;
constexpr auto kKey1 = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"_hash;
constexpr auto kAddress1 = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"_address;

TEST(Secp256k1, derives_addresses_of_keys) {
    EXPECT_EQ(address_of(kKey0), kAddress0);
    EXPECT_EQ(address_of(kKey1), kAddress1);
}

TEST(Secp256k1, refuses_keys_outside_the_group_order) {
    EXPECT_FALSE(is_valid_private_key(Hash{}));
    EXPECT_FALSE(is_valid_private_key(kSecp256k1Order.to_hash()));
    EXPECT_TRUE(is_valid_private_key((kSecp256k1Order - 1).to_hash()));
    EXPECT_FALSE(address_of(Hash{}));
    EXPECT_FALSE(sign(Hash{}, Hash{}));
}

TEST(Secp256k1, recovers_who_signed) {
    for (std::uint8_t i = 0; i < 50; ++i) {
        const auto digest = keccak256(std::array{i});
        const auto signature = sign(digest, kKey0);
        ASSERT_TRUE(signature);
        EXPECT_LE(signature->s, kSecp256k1HalfOrder);
        EXPECT_EQ(recover_address(digest, signature->r, signature->s, signature->y_odd), kAddress0);
        // The mirrored signature is valid too, with the other parity.
        EXPECT_EQ(recover_address(digest, signature->r, kSecp256k1Order - signature->s, !signature->y_odd),
                  kAddress0);
        EXPECT_NE(recover_address(digest, signature->r, signature->s, !signature->y_odd), kAddress0);
    }
}

TEST(Secp256k1, recovers_nothing_from_numbers_outside_the_group_order) {
    const auto digest = keccak256({});
    EXPECT_FALSE(recover_address(digest, 0, 1, false));
    EXPECT_FALSE(recover_address(digest, 1, 0, false));
    EXPECT_FALSE(recover_address(digest, kSecp256k1Order, 1, false));
    EXPECT_FALSE(recover_address(digest, 1, kSecp256k1Order, false));
    EXPECT_FALSE(recover_address(digest, U256::max(), 1, true));
    // No point has x = 5.
    EXPECT_FALSE(recover_address(digest, 5, 1, false));
}

}  // namespace
}  // namespace valence::crypto
