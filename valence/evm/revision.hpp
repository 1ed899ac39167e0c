// The forks of Ethereum whose rules the machine knows, oldest first, so that `revision >= Revision::berlin`
// reads as "Berlin's rules apply". Forks that changed no execution rule (glaciers, DAO) have no entry.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace valence::evm {

enum class Revision : std::uint8_t {
    frontier,
    homestead,
    tangerine_whistle,
    spurious_dragon,
    byzantium,
    constantinople,
    petersburg,
    istanbul,
    berlin,
    london,
    paris,
    shanghai,
    cancun,
    prague,
    osaka,
};

inline constexpr std::size_t kRevisionCount = 15;
inline constexpr auto kLatestRevision = Revision::osaka;

}  // namespace valence::evm
