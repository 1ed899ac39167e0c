// Genesis: the first block and state of a chain, from geth's genesis.json. Format and our additions:
// docs/chain.md.
#pragma once

#include <map>
#include <string_view>

#include "valence/chain/rule_set.hpp"
#include "valence/state/changes.hpp"

namespace valence::chain {

struct GenesisAccount {
    U256 balance;
    std::uint64_t nonce = 0;
    Bytes code;
    std::map<U256, U256> storage;
};

struct Genesis {
    RuleSet rules;
    std::uint64_t timestamp = 0;
    std::uint64_t gas_limit = 30'000'000;
    U256 difficulty;
    Bytes extra_data;
    Hash mix_hash;
    Address coinbase;
    std::array<std::uint8_t, 8> nonce{};
    /// London and later; the rule set's initial base fee when absent.
    std::optional<U256> base_fee;
    std::optional<std::uint64_t> excess_blob_gas;
    std::optional<std::uint64_t> blob_gas_used;
    std::map<Address, GenesisAccount> accounts;
};

/// From geth's genesis.json. Numbers may be JSON numbers, decimal or 0x strings. Keys of "config" that geth
/// knows and that change no rule are ignored, as are unknown ones. A "valence" object inside "config" selects
/// our chain's rules; its keys: beaconKey (required), minBaseFee, elasticityMultiplier,
/// baseFeeChangeDenominator, and "dataAvailability", the layer that the chain is derived from (LayerRules:
/// name, height, hash and time of its start; maxLag, drift, sequencingWindow, forcedDelay, forcedGas). Error:
/// genesis_malformed, naming the key.
Result<Genesis> parse_genesis(std::string_view json);

/// The accounts, as changes to an empty state.
state::StateChanges genesis_changes(const Genesis& genesis);

/// Block 0, given the root of the state the changes lead to. Header fields follow the forks active at block
/// 0.
Block genesis_block(const Genesis& genesis, const Hash& state_root);

}  // namespace valence::chain
