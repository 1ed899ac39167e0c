// Contracts of our own that every Valence chain has from block 0: written in Solidity (contracts/system),
// each an ERC-1967 proxy whose implementation only the governance key changes.
#pragma once

#include "valence/chain/genesis.hpp"

namespace valence::chain {

// kModelRegistry, whose storage is read natively, is among the rules of inference (inference_rules.hpp).

/// Compute nodes by signing key.
inline constexpr auto kNodeRegistry = "0x5600000000000000000000000000000000000002"_address;
/// Asynchronous requests and schedules.
inline constexpr auto kScheduler = "0x5600000000000000000000000000000000000006"_address;
/// The newest header of the data-availability layer.
inline constexpr auto kDaInfo = "0x5600000000000000000000000000000000000007"_address;

/// Where proxies keep what they forward to, and who may change it (ERC-1967).
inline constexpr auto kImplementationSlot =
    "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc"_hash;
inline constexpr auto kAdminSlot = "0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103"_hash;

struct GenesisContract {
    std::string_view name;
    Address proxy;
    Address implementation;
};

std::span<const GenesisContract> genesis_contracts();

/// What of the contracts' storage a chain may choose.
struct GenesisContractOptions {
    /// The proxies' admin.
    Address governance;
    /// Blocks between a model's opening and its first use.
    std::uint64_t fetch_delay = 0;
};

/// The accounts of all proxies and implementations, to be added to a genesis.
std::map<Address, GenesisAccount> genesis_contract_accounts(const GenesisContractOptions& options);

}  // namespace valence::chain
