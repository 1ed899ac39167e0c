// Why a model has no circuit.
#pragma once

#include <system_error>

namespace valence::zk {

enum class CircuitError {
    /// An operation that proofs do not cover yet; the context names the node.
    unsupported_operation = 1,
    /// More cells, leaves or variables than a proof may have.
    too_large,
    /// The proof's flags are not those of this model's requantisations.
    bad_flags,
};
std::error_code make_error_code(CircuitError);

}  // namespace valence::zk

template <>
struct std::is_error_code_enum<valence::zk::CircuitError> : std::true_type {};
