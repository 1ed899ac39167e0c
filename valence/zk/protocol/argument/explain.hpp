// Where a proof's size, time and security come from, for people.
#pragma once

#include <string>

#include "valence/zk/protocol/proof_format.hpp"

namespace valence::zk {

/// What a proof of this model has, by its head: version, profile and flags.
struct Explanation {
    Circuit circuit;
    /// With the account of the whole proof, not of the opening alone.
    OpeningParameters opening;
};
/// Of a proof that verify() accepts. Errors: those of reading its head, CircuitError, bad_parameters.
Result<Explanation> explain(const ProvableModel& model, std::span<const ml::Values> inputs, BytesView proof);

/// The circuit's sizes, the opening's shapes and queries, and the bits of every round.
std::string describe(const Explanation& explanation);

}  // namespace valence::zk
