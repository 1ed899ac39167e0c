#include "valence/chain/genesis_contracts.hpp"

#include "valence/chain/system_contracts_code.hpp"

namespace valence::chain {
namespace {

struct ContractFacts {
    GenesisContract contract;
    BytesView code;
};

constexpr ContractFacts kContracts[] = {
    {{"ModelRegistry", kModelRegistry, "0x5600000000000000000000000000000000001001"_address},
     kModelRegistryCode},
    {{"NodeRegistry", kNodeRegistry, "0x5600000000000000000000000000000000001002"_address},
     kNodeRegistryCode},
    {{"Scheduler", kScheduler, "0x5600000000000000000000000000000000001006"_address}, kSchedulerCode},
    {{"DaInfo", kDaInfo, "0x5600000000000000000000000000000000001007"_address}, kDaInfoCode},
};

/// ModelRegistry's fetchDelay, the only variable that genesis sets.
constexpr U256 kFetchDelaySlot{1};

/// Contracts start at nonce 1 (EIP-161).
GenesisAccount contract_account(BytesView code) {
    GenesisAccount account;
    account.nonce = 1;
    account.code.assign(code.begin(), code.end());
    return account;
}

}  // namespace

std::span<const GenesisContract> genesis_contracts() {
    static const auto contracts = [] {
        std::array<GenesisContract, std::size(kContracts)> all;
        std::ranges::transform(kContracts, all.begin(), &ContractFacts::contract);
        return all;
    }();
    return contracts;
}

std::map<Address, GenesisAccount> genesis_contract_accounts(const GenesisContractOptions& options) {
    std::map<Address, GenesisAccount> accounts;
    for (const auto& [contract, code] : kContracts) {
        accounts[contract.implementation] = contract_account(code);
        auto proxy = contract_account(kSystemProxyCode);
        proxy.storage[U256::from_hash(kImplementationSlot)] = U256::from_address(contract.implementation);
        proxy.storage[U256::from_hash(kAdminSlot)] = U256::from_address(options.governance);
        accounts[contract.proxy] = std::move(proxy);
    }
    if (options.fetch_delay != 0)
        accounts[kModelRegistry].storage[kFetchDelaySlot] = U256{options.fetch_delay};
    return accounts;
}

}  // namespace valence::chain
