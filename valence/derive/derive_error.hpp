// Why a blob, a batch or what it holds is refused.
#pragma once

#include <system_error>

namespace valence::derive {

enum class DeriveError {
    /// Bytes that are no piece of a batch.
    not_a_piece = 1,
    /// A piece that the sequencer did not sign.
    foreign,
    /// A signed piece that contradicts others of its batch.
    contradictory,
    /// A batch that does not decode to what its pieces say.
    bad_batch,
    /// More than one batch may hold, or more gas than blocks have for a forced transaction.
    too_large,
    /// Bytes that are no forced transaction of this chain.
    not_forced,
    /// Bytes that are no checkpoint of this chain's derivation.
    bad_checkpoint,
};
std::error_code make_error_code(DeriveError);

}  // namespace valence::derive

template <>
struct std::is_error_code_enum<valence::derive::DeriveError> : std::true_type {};
