// What a block's fees and difficulty follow from: its parent and the rules.
#pragma once

#include "valence/chain/rule_set.hpp"

namespace valence::chain {

/// The base fee of a block on top of `parent` (EIP-1559), at least the rule set's minimum.
U256 next_base_fee(const RuleSet& rules, const Header& parent);

/// The excess blob gas of a block on top of `parent` at `timestamp` (EIP-4844, EIP-7691, EIP-7918).
std::uint64_t next_excess_blob_gas(const RuleSet& rules, const Header& parent, std::uint64_t timestamp);

/// Wei per unit of blob gas (EIP-4844): e^(excess / fraction), rounded down, at least 1.
U256 blob_base_fee(std::uint64_t excess_blob_gas, const BlobParameters& parameters);
/// The same of a block; 0 before Cancun.
U256 blob_base_fee(const RuleSet& rules, const Header& header);

/// No block's is below (yellow paper, equation 48).
inline constexpr std::uint64_t kMinimumDifficulty = 131'072;
/// The difficulty of a proof-of-work block on top of `parent` (yellow paper, EIP-2, 100, 649, 1234, 2384,
/// 3554, 4345, 5133).
U256 next_difficulty(const RuleSet& rules, const Header& parent, std::uint64_t timestamp);

/// EIP-4844: blob gas of one blob.
inline constexpr std::uint64_t kGasPerBlob = 131'072;

}  // namespace valence::chain
