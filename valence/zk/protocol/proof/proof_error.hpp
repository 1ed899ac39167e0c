// Why a proof is refused. Every check has a value of its own, so that tests can say which one caught a
// forgery.
#pragma once

#include <system_error>

namespace valence::zk {

enum class ProofError {
    /// The proof ends before the value that should be read next.
    truncated = 1,
    /// Bytes are left after the last value.
    trailing_bytes,
    /// A field element not below the modulus, or another value with a second encoding.
    not_canonical,
    /// The digest of transcript and nonce lacks leading zero bits.
    wrong_grinding,
    /// Opened leaves and siblings do not lead to the committed root.
    merkle_mismatch,
    /// A sumcheck's last claim is not the product of the values sent.
    sumcheck_mismatch,
    /// The fractions of a lookup argument do not sum to zero, or a denominator is zero.
    lookup_mismatch,
    /// A commitment's opening does not have the claimed value.
    opening_mismatch,
    /// A claim does not follow from the values sent before it.
    wrong_claim,
    /// Inputs or outputs that do not fit the verifying key.
    wrong_statement,
    /// Sizes or a profile that have no secure parameters.
    bad_parameters,
    /// Not a file of the kind expected, or one of another version.
    unknown_format,
    /// More bytes than a proof's file may have.
    too_long,
    /// The proof is of a model with another id.
    other_model,
    /// The model's key has no commitment: it was made without proofs.
    no_commitment,
    /// A commitment that is not that of the model's weights.
    wrong_commitment,
};
std::error_code make_error_code(ProofError);

}  // namespace valence::zk

template <>
struct std::is_error_code_enum<valence::zk::ProofError> : std::true_type {};
