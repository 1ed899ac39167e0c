#include "valence/zk/protocol/proof/proof_error.hpp"

#include <string>

namespace valence::zk {
namespace {

const char* text(ProofError e) {
    switch (e) {
        case ProofError::truncated:
            return "proof is truncated";
        case ProofError::trailing_bytes:
            return "bytes after the proof";
        case ProofError::not_canonical:
            return "not a canonical encoding";
        case ProofError::wrong_grinding:
            return "grinding nonce without the work";
        case ProofError::merkle_mismatch:
            return "opened leaves do not lead to the root";
        case ProofError::sumcheck_mismatch:
            return "sumcheck does not hold";
        case ProofError::lookup_mismatch:
            return "lookups do not balance";
        case ProofError::opening_mismatch:
            return "commitment does not open to the claimed value";
        case ProofError::wrong_claim:
            return "claim does not follow";
        case ProofError::wrong_statement:
            return "inputs or outputs do not fit the verifying key";
        case ProofError::bad_parameters:
            return "no secure parameters";
        case ProofError::unknown_format:
            return "unknown format";
        case ProofError::too_long:
            return "too long";
        case ProofError::other_model:
            return "proof of another model";
        case ProofError::no_commitment:
            return "the model has no commitment for proofs";
        case ProofError::wrong_commitment:
            return "the commitment is not that of the weights";
    }
    return "unknown";
}

class Category final : public std::error_category {
    const char* name() const noexcept override { return "proof"; }
    std::string message(int code) const override { return text(static_cast<ProofError>(code)); }
};

}  // namespace

std::error_code make_error_code(ProofError e) {
    static const Category category;
    return {static_cast<int>(e), category};
}

}  // namespace valence::zk
