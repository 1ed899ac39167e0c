// SystemRules: what a chain fixes about system transactions, in genesis.
#pragma once

#include <cstdint>
#include <optional>

#include "valence/chain/system/layer_rules.hpp"

namespace valence::chain {

struct SystemRules {
    /// Gas that a block's deliveries may use, computing apart. At least what a single one may (Scheduler's
    /// MAX_COUNTED_GAS), or that one would be in the way for ever.
    std::uint64_t delivery_gas = 15'000'000;
    /// Nothing: blocks refer to headers of a layer that is not there (LocalDaHeaders).
    std::optional<LayerRules> layer;

    bool operator==(const SystemRules&) const = default;
};

/// What a block of a chain with a layer must have room for: DaInfo's call, deliveries, forced transactions.
inline std::uint64_t least_gas_limit(const SystemRules& rules) {
    constexpr std::uint64_t kDaInfo = 1'000'000;
    return kDaInfo + rules.delivery_gas + (rules.layer ? rules.layer->forced_gas : 0);
}

}  // namespace valence::chain
