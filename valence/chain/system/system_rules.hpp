// SystemRules: what a chain fixes about system transactions, in genesis.
#pragma once

#include <cstdint>

namespace valence::chain {

struct SystemRules {
    /// Gas that a block's deliveries may use, computing apart. At least what a single one may (Scheduler's
    /// MAX_COUNTED_GAS), or that one would be in the way for ever.
    std::uint64_t delivery_gas = 15'000'000;

    bool operator==(const SystemRules&) const = default;
};

}  // namespace valence::chain
