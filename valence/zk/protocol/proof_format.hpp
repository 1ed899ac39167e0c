// The head of a proof's bytes, and the tables that proofs of a model open.
//
//     version (1 byte) · profile (1) · flags, one byte for each requantisation · messages in the protocol's
//     order
#pragma once

#include "valence/zk/protocol/argument/statement.hpp"
#include "valence/zk/protocol/commitment/parameters.hpp"
#include "valence/zk/protocol/model_commitment.hpp"
#include "valence/zk/protocol/proof/codec.hpp"

namespace valence::zk {

inline constexpr std::uint8_t kProofVersion = 1;

/// The tables a proof opens, in order: the witness, then weights.
std::vector<TableShape> opened_tables(const Circuit& circuit);

/// Errors: bad_parameters for a byte that is no profile.
Result<SecurityProfile> profile_of(std::uint8_t byte);
std::uint8_t profile_byte(const SecurityProfile& profile);

}  // namespace valence::zk
