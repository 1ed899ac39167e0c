// Ethereum's precompiled contracts: one table from which dispatch, gas and activation derive.
#pragma once

#include <span>
#include <string_view>

#include "valence/evm/host.hpp"

namespace valence::evm {

struct Precompile {
    Address address;
    /// As EIP-7910 (eth_config) names it, e.g. "BN254_PAIRING".
    std::string_view name;
    /// Runs on `input` with at most `gas`.
    PrecompileResult (*run)(BytesView input, Gas gas, Revision revision);
    Revision since;
};

/// The precompile at an address under a fork's rules, or null.
const Precompile* find_precompile(const Address& address, Revision revision);

/// All of them, in order of address, whatever the fork.
std::span<const Precompile> all_precompiles();

}  // namespace valence::evm
