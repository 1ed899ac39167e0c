// Why an outcome is not believed, or a body's list of them not read.
#pragma once

#include <system_error>

namespace valence::outcome {

enum class OutcomeError {
    /// Not a mode, or one that this network has no evidence for.
    mode_unsupported = 1,
    /// A value that its place in the encoding does not allow.
    malformed,
    /// The evidence is not of the kind the job's mode asks for.
    wrong_evidence,
    /// The outputs are not what the model computes.
    wrong_output,
    /// The signature is not that of the operator the job names.
    wrong_signature,
    /// The evidence is too old for the block it is in.
    expired,
    /// A salt where the mode shares outcomes, or none where it does not.
    wrong_salt,
    /// The job's input does not fit its model.
    wrong_input,
    /// This node does not have the model's file: it cannot tell yet whether the outcome is right.
    model_missing,
    /// The job's model is none that the chain has a commitment of.
    not_provable,
    /// The proof does not show that the model gives this output, or not to this payee for this job.
    wrong_proof,
};
std::error_code make_error_code(OutcomeError);

}  // namespace valence::outcome

template <>
struct std::is_error_code_enum<valence::outcome::OutcomeError> : std::true_type {};
