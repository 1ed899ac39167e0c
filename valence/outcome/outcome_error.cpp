#include "valence/outcome/outcome_error.hpp"

#include <string>

namespace valence::outcome {
namespace {

const char* text(OutcomeError e) {
    switch (e) {
        case OutcomeError::mode_unsupported:
            return "mode not supported";
        case OutcomeError::malformed:
            return "malformed job or outcome";
        case OutcomeError::wrong_evidence:
            return "evidence of another mode";
        case OutcomeError::wrong_output:
            return "the model computes another output";
        case OutcomeError::wrong_signature:
            return "not signed by the operator the job names";
        case OutcomeError::expired:
            return "evidence has expired";
        case OutcomeError::wrong_salt:
            return "wrong salt for the mode";
        case OutcomeError::wrong_input:
            return "input does not fit the model";
        case OutcomeError::model_missing:
            return "model file not here";
        case OutcomeError::not_provable:
            return "no model that can be proved";
        case OutcomeError::wrong_proof:
            return "the proof does not hold";
    }
    return "unknown";
}

class Category final : public std::error_category {
    const char* name() const noexcept override { return "outcome"; }
    std::string message(int code) const override { return text(static_cast<OutcomeError>(code)); }
};

}  // namespace

std::error_code make_error_code(OutcomeError e) {
    static const Category category;
    return {static_cast<int>(e), category};
}

}  // namespace valence::outcome
