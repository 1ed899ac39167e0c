#include "valence/chain/beacon.hpp"

#include <gmock/gmock.h>

#include "valence/chain/genesis.hpp"
#include "valence/chain/system/da_header.hpp"

namespace valence::chain {
namespace {

template <typename T>
T fixed(std::string_view digits) {
    return base::from_exact<T>(*base::from_hex(digits));
}

const auto kDevelopmentKey = fixed<crypto::bls::PublicKey>(
    "8e33528f457c86a09b729efcdea66111d537e0298bb8ee1d632f405271d9341d0b09f63dc5fa6f31b2f68d57265e7e290a6d284b"
    "bc34"
    "3003bef3005260dd4b992cc6697a95a83b93bb96a8cbc9f5d363285882f5771ec83ccc9d6d86799783fd");

/// Made by @noble/curves and @noble/hashes with the development key.
struct Vector {
    std::uint64_t chain_id;
    std::uint64_t number;
    std::string_view signature;
    std::string_view mix;
};
constexpr Vector kVectors[] = {
    {1986, 1,
     "a816386e7a552d77ac2ac190dacedcad83f470de4ddd1fa0c82b66171d00f79e3afaa4d79d7b4c0bbce18c8a89d55259",
     "fc5aaa2b76de0672b649a01b555c38028c039a6561526ae3ebd1706fcccf69dd"},
    {1986, 2,
     "88d5af7983a085371fdef9758bd54f928d8cbd2c866a08b672b8150d94ef46eefd687203043c558fe03c62d63eb16750",
     "48e4ffb0abdcd73094dfcd140f7b1e78950797e49c605bb208baa71245ae4972"},
    {1, 0xffffffffffffffff,
     "92798ad238a9ea6fc7bdb289b22eaf597eac6ab01c1d9dc85f079ca2e79c29e60b54e398721822b6b23bfe513bdb2a54",
     "a9d2fb896c525e3e6d15d7dca7f797c6145c5caf3dc1baec4554675812b3530c"},
};

TEST(Beacon, is_what_another_implementation_signs) {
    EXPECT_EQ(development_beacon_key().public_key(), kDevelopmentKey);
    EXPECT_EQ(valence_rules().beacon_key, kDevelopmentKey);
    const auto verifier = crypto::bls::Verifier::of(kDevelopmentKey).value();
    for (const auto& vector : kVectors) {
        const auto message = beacon_message(vector.chain_id, vector.number);
        const auto signature = development_beacon_key().sign(message, kBeaconDomain);
        EXPECT_EQ(signature, fixed<BeaconSignature>(vector.signature));
        EXPECT_TRUE(verifier.verify({message, signature}, kBeaconDomain));
        EXPECT_EQ(beacon_mix(signature, Hash{}), fixed<Hash>(vector.mix));
    }
}

TEST(Beacon, is_in_every_block_of_a_chain_that_names_a_key_and_in_no_other) {
    const auto rules = valence_rules();
    const auto da_header = Hash{{1}};
    const auto beacon = development_beacon_key().sign(beacon_message(1986, 7), kBeaconDomain);
    Header header;
    header.mix_hash = beacon_mix(beacon, da_header);
    EXPECT_TRUE(validate_beacon_mix(rules, header, beacon, da_header));
    EXPECT_EQ(validate_beacon_mix(rules, header, {}, da_header).error(), Error{ChainError::beacon_missing});
    EXPECT_EQ(validate_beacon_mix(rules, header, beacon, Hash{}).error(),
              Error{ChainError::beacon_mix_wrong});
    EXPECT_EQ(validate_beacon_mix(rules, Header{}, beacon, da_header).error(),
              Error{ChainError::beacon_mix_wrong});

    const auto ethereum = ethereum_mainnet();
    EXPECT_TRUE(validate_beacon_mix(ethereum, header, {}, da_header));
    EXPECT_EQ(validate_beacon_mix(ethereum, header, beacon, da_header).error(),
              Error{ChainError::beacon_unexpected});
}

TEST(Beacon, is_bound_to_the_header_that_the_first_transaction_names) {
    auto rules = valence_rules();
    rules.system.emplace();
    const DaHeader header{3, Hash{{9}}, 1'700'000'000};
    Block block;
    EXPECT_EQ(da_header_hash(rules, block), Hash{});
    block.transactions.emplace_back().data = encode_da_info_call(header);
    EXPECT_EQ(da_header_hash(rules, block), header.hash);
    block.transactions[0].data.pop_back();
    EXPECT_EQ(da_header_hash(rules, block), Hash{});
}

std::string genesis_with(std::string_view valence) {
    return R"({"config":{"chainId":7,"valence":{)" + std::string{valence} + R"(}},"alloc":{}})";
}

TEST(Beacon, key_is_named_by_the_genesis_and_in_the_subgroup) {
    const auto key = base::to_hex_prefixed(kDevelopmentKey);
    const auto read = parse_genesis(genesis_with(R"("beaconKey":")" + key + '"'));
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read.value().rules.beacon_key, kDevelopmentKey);

    const auto refused = [](std::string_view valence) {
        const auto genesis = parse_genesis(genesis_with(valence));
        return genesis ? std::string{} : genesis.error().message();
    };
    EXPECT_THAT(refused(""), ::testing::HasSubstr("beaconKey: is missing"));
    EXPECT_THAT(refused(R"("beaconKey":"0x00")"), ::testing::HasSubstr("beaconKey: not 96 bytes"));
    auto infinity = crypto::bls::PublicKey{};
    infinity[0] = 0xc0;
    EXPECT_THAT(refused(R"("beaconKey":")" + base::to_hex_prefixed(infinity) + '"'),
                ::testing::HasSubstr("beaconKey: not a point"));
}

}  // namespace
}  // namespace valence::chain
