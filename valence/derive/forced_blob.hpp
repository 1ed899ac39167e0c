// Forced transactions as blobs: what anybody posts who does not want to depend on the sequencer. The bytes
// are
//
//     chain id (8, big-endian) ‖ signed transaction (EIP-2718, as eth_sendRawTransaction takes it)
#pragma once

#include "valence/chain/rule_set.hpp"
#include "valence/chain/system/forced_transaction.hpp"

namespace valence::derive {

/// Bytes of a transaction: as many as pools take.
inline constexpr std::size_t kMostForced = std::size_t{128} << 10;

Bytes encode_forced(std::uint64_t chain_id, BytesView transaction);

/// Whether the blob says that it is of this chain, and is no longer than one may be. Total.
bool may_be_forced(BytesView blob, std::uint64_t chain_id);

/// A blob's transaction, without the height with which it is due, when it can be in a block at all: of this
/// chain, signed, not sent to the registry of models, and right in everything that needs no state under the
/// rules at this time (seconds since the epoch). Errors: DeriveError::not_forced, DeriveError::too_large
/// where it may use more gas than blocks have for one, ChainError. Total.
Result<chain::ForcedTransaction> open_forced(BytesView blob, const chain::RuleSet& rules, std::uint64_t time);

}  // namespace valence::derive
