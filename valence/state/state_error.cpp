#include "valence/state/state_error.hpp"

namespace valence::state {
namespace {

class Category final : public std::error_category {
public:
    const char* name() const noexcept override { return "state"; }
    std::string message(int value) const override {
        switch (static_cast<StateError>(value)) {
            case StateError::io:
                return "the database cannot be read or written";
            case StateError::locked:
                return "another valence is using this folder";
            case StateError::foreign_folder:
                return "this folder is not a state folder of this version";
            case StateError::corrupt:
                return "the database contradicts itself";
            case StateError::already_initialised:
                return "the database already has a genesis state";
            case StateError::not_initialised:
                return "the database has no genesis state yet";
            case StateError::stale_commit:
                return "the commit was not prepared on the head state";
            case StateError::unknown_block:
                return "no such block";
            case StateError::pruned:
                return "the history of this block is no longer kept";
            case StateError::too_much_changed:
                return "too much has changed since this block";
            case StateError::bad_proof:
                return "the proof does not hold";
        }
        return "unknown error";
    }
};

}  // namespace

std::error_code make_error_code(StateError e) {
    static const Category category;
    return {static_cast<int>(e), category};
}

}  // namespace valence::state
