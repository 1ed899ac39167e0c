#include "valence/derive/derive_error.hpp"

#include <string>

namespace valence::derive {
namespace {

class DeriveCategory : public std::error_category {
public:
    const char* name() const noexcept override { return "derive"; }
    std::string message(int code) const override {
        switch (static_cast<DeriveError>(code)) {
            case DeriveError::not_a_piece:
                return "no piece of a batch";
            case DeriveError::foreign:
                return "not signed by the sequencer";
            case DeriveError::contradictory:
                return "contradicts another piece of its batch";
            case DeriveError::bad_batch:
                return "the batch does not hold what it says";
            case DeriveError::too_large:
                return "more than may be posted at once";
            case DeriveError::not_forced:
                return "no forced transaction of this chain";
            case DeriveError::bad_checkpoint:
                return "no checkpoint of this chain's derivation";
        }
        return "unknown error";
    }
};

}  // namespace

std::error_code make_error_code(DeriveError error) {
    static const DeriveCategory category;
    return {static_cast<int>(error), category};
}

}  // namespace valence::derive
