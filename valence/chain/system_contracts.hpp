// Addresses of the contracts the protocol itself calls, and what it calls them with.
#pragma once

#include "valence/base/base.hpp"
#include "valence/evm/message.hpp"

namespace valence::chain {

/// Who calls (EIP-4788 and all later ones), and with how much gas.
inline constexpr auto kSystemAddress = "0xfffffffffffffffffffffffffffffffffffffffe"_address;
inline constexpr evm::Gas kSystemCallGas = 30'000'000;

/// EIP-4788: beacon block roots.
inline constexpr auto kBeaconRootsContract = "0x000f3df6d732807ef1319fb7b8bb8522d0beac02"_address;
/// EIP-2935: block hashes.
inline constexpr auto kHistoryContract = "0x0000f90827f1c53a10cb7a02335b175320002935"_address;
/// EIP-7002: withdrawal requests.
inline constexpr auto kWithdrawalRequestsContract = "0x00000961ef480eb55e80d19ad83579a64c007002"_address;
/// EIP-7251: consolidation requests.
inline constexpr auto kConsolidationRequestsContract = "0x0000bbddc7ce488642fb579f8b00f3a590007251"_address;

/// Type bytes of requests (EIP-6110, EIP-7002, EIP-7251).
inline constexpr std::uint8_t kDepositRequest = 0;
inline constexpr std::uint8_t kWithdrawalRequest = 1;
inline constexpr std::uint8_t kConsolidationRequest = 2;

/// Appends the deposit requests among the logs that `deposit_contract` emitted: each public key, withdrawal
/// credentials, amount, signature, index, 192 bytes (EIP-6110). Error: deposit_log_malformed.
Result<void> append_deposits(Bytes& to, std::span<const evm::Log> logs, const Address& deposit_contract);

}  // namespace valence::chain
