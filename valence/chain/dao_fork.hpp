// The irregular state change of the DAO fork (EIP-779).
#pragma once

#include <array>

#include "valence/state/journaled_state.hpp"

namespace valence::chain {

/// Where the balances of all accounts of the list go.
inline constexpr auto kDaoRefundContract = "0xbf4ed7b27f1d666546e30d74d50d173d20bca754"_address;

/// "dao-hard-fork": the extra data of the fork's block and the nine after it.
inline constexpr std::array<std::uint8_t, 13> kDaoExtraData{'d', 'a', 'o', '-', 'h', 'a', 'r',
                                                            'd', '-', 'f', 'o', 'r', 'k'};
inline constexpr std::uint64_t kDaoExtraDataBlocks = 10;

/// Moves the balances.
void apply_dao_fork(state::JournaledState& state);

}  // namespace valence::chain
