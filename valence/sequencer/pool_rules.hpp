// What a transaction must be to wait in the pool: the chain's own rules for a transaction in the next block,
// less those that time may heal (a fee cap below the base fee, a nonce still to come), and the pool's limits.
#pragma once

#include "valence/sequencer/mempool.hpp"

namespace valence::sequencer {

/// Rules that need no account: size, type, chain id, gas limits, intrinsic gas, fees in order, EIP-7702's
/// list.
Result<void> check_alone(const PoolTransaction& pooled, const chain::RuleSet& rules,
                         const MempoolLimits& limits, const NextBlock& next);

/// Rules on the sender's account: nonce not used, no code but a delegation (EIP-3607, EIP-7702).
Result<void> check_against_account(const PoolTransaction& pooled, const state::Account& account,
                                   const state::StateReader& state);

}  // namespace valence::sequencer
