// LayerRules: the data-availability layer that a chain is derived from, and what its genesis fixes about it.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "valence/chain/system/da_header.hpp"

namespace valence::chain {

/// Letters, digits, dots, dashes and underscores: 1 to 64.
inline bool is_layer_name(std::string_view name) {
    const auto is_fine = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '-' || c == '_';
    };
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, is_fine);
}

/// Heights and lags are the layer's blocks, times seconds.
struct LayerRules {
    /// The layer's name for itself (its chain id).
    std::string name;
    /// The newest header when the chain began: what block 0 refers to. Nothing of the chain is in the layer
    /// up to there, and its hash tells the layer from others.
    DaHeader start;
    /// How much older than the block of the layer that holds it a block's reference may be.
    std::uint64_t max_lag = 3'600;
    /// How much later than the header that it refers to a block's timestamp may be.
    std::uint64_t drift = 600;
    /// After so many blocks of the layer since its parent's reference, a block that is not there is replaced
    /// by the fallback block.
    std::uint64_t sequencing_window = 7'200;
    /// After so many blocks of the layer a forced transaction is due.
    std::uint64_t forced_delay = 300;
    /// Gas of the forced transactions in one block: half of it is what one may use, and what is used before
    /// no more have their turn.
    std::uint64_t forced_gas = 10'000'000;

    bool operator==(const LayerRules&) const = default;
};

}  // namespace valence::chain
