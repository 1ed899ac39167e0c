#include "valence/chain/genesis_contracts.hpp"

#include <gtest/gtest.h>

#include "valence/crypto/keccak.hpp"

namespace valence::chain {
namespace {

constexpr auto kGovernance = "0x00000000000000000000000000000000000000aa"_address;

std::string code_hash(const GenesisAccount& account) {
    return base::to_hex_prefixed(crypto::keccak256(account.code));
}

/// The code is part of the genesis state, so that a change here is a change of every chain's first block: new
/// hashes are written down only with a contract or the pinned compiler changed on purpose.
TEST(GenesisContracts, CodeIsTheSameOnEveryMachine) {
    const auto accounts = genesis_contract_accounts({.governance = kGovernance});
    const std::map<std::string_view, std::string_view> hashes = {
        {"ModelRegistry", "0xfe0df7ce3ff2c891c154817c50227f6293c79cde9db3d1a52160c21c29b17888"},
        {"NodeRegistry", "0x5c151c0b48c249e980bd4bf3f6b0a74a2600dc4bce1ebed951c98e9883b836df"},
        {"Scheduler", "0x6e6cb38f5af84cf47a147dd217d52544d5067e0a32d60ac783cf260889bb22c7"},
        {"DaInfo", "0x858f5c3c7ac72ed7c1961aad445b3bc57270e40537804eeada13460d689febc0"},
    };
    ASSERT_EQ(genesis_contracts().size(), hashes.size());
    for (const auto& contract : genesis_contracts()) {
        EXPECT_EQ(code_hash(accounts.at(contract.implementation)), hashes.at(contract.name)) << contract.name;
        EXPECT_EQ(code_hash(accounts.at(contract.proxy)),
                  "0xe17ad6a4b90aaa7149ae32c7f5042d0105b693e40f675c873c913e924f0d83d8")
            << contract.name;
    }
}

TEST(GenesisContracts, ProxiesForwardToTheirImplementationUnderGovernance) {
    const auto accounts = genesis_contract_accounts({.governance = kGovernance});
    EXPECT_EQ(accounts.size(), 2 * genesis_contracts().size());
    for (const auto& contract : genesis_contracts()) {
        const auto& storage = accounts.at(contract.proxy).storage;
        EXPECT_EQ(storage.at(U256::from_hash(kImplementationSlot)),
                  U256::from_address(contract.implementation));
        EXPECT_EQ(storage.at(U256::from_hash(kAdminSlot)), U256::from_address(kGovernance));
        EXPECT_EQ(storage.size(), 2u) << contract.name;
        EXPECT_TRUE(accounts.at(contract.implementation).storage.empty());
    }
}

/// The slots that implementations lie at are known to the inference precompile and to the system.
TEST(GenesisContracts, ImplementationsAreNumberedAsTheirProxies) {
    for (const auto& contract : genesis_contracts()) {
        EXPECT_EQ(contract.proxy[0], 0x56);
        EXPECT_EQ(contract.implementation[0], 0x56);
        EXPECT_EQ(contract.implementation[18], 0x10);
        EXPECT_EQ(contract.implementation[19], contract.proxy[19]);
    }
}

TEST(GenesisContracts, FetchDelayIsTheRegistrysSecondSlot) {
    const auto accounts = genesis_contract_accounts({.governance = kGovernance, .fetch_delay = 5});
    EXPECT_EQ(accounts.at(kModelRegistry).storage.at(1), U256{5});
    EXPECT_FALSE(accounts.at(kScheduler).storage.contains(1));
}

}  // namespace
}  // namespace valence::chain
