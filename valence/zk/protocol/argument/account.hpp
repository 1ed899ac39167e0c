// The security of a whole proof: every round of the argument and of the opening.
#pragma once

#include "valence/base/result.hpp"
#include "valence/zk/protocol/circuit/circuit.hpp"
#include "valence/zk/protocol/commitment/parameters.hpp"

namespace valence::zk {

/// More leaves than this have no proof: 2^27, where the lookups of the 100-bit profile are at 101 bits.
inline constexpr std::uint64_t kMaxLeaves = std::uint64_t{1} << 27;

/// Nor do more terms: a bilinear quantity has one for each claim on it that is like no other, which the
/// account counts as one. Joining the sides of 2^24 leaves 103 bits.
inline constexpr std::uint64_t kMaxTerms = std::uint64_t{1} << 24;

SoundnessAccount account_of(const Circuit& circuit, const OpeningParameters& opening);

/// The parameters of a circuit's opening, if the whole proof reaches the profile's target.
/// Errors: ProofError::bad_parameters.
Result<OpeningParameters> secure_parameters(const Circuit& circuit, const SecurityProfile& profile);

}  // namespace valence::zk
