#include "valence/da/da_error.hpp"

#include <string>

namespace valence::da {
namespace {

const char* text(DaError e) {
    switch (e) {
        case DaError::bad_namespace:
            return "namespace not allowed";
        case DaError::bad_share:
            return "malformed share";
        case DaError::bad_sequence:
            return "shares do not make up a sequence";
        case DaError::bad_blob:
            return "blob not allowed";
        case DaError::bad_message:
            return "malformed message";
        case DaError::bad_order:
            return "transactions out of order";
        case DaError::square_full:
            return "square too small";
        case DaError::bad_size:
            return "not the size of a square";
        case DaError::unordered:
            return "namespaces out of order";
        case DaError::bad_proof:
            return "proof does not hold";
        case DaError::unrepairable:
            return "too few shares to repair";
        case DaError::wrong_encoding:
            return "row or column wrongly encoded";
    }
    return "unknown";
}

class Category final : public std::error_category {
    const char* name() const noexcept override { return "da"; }
    std::string message(int code) const override { return text(static_cast<DaError>(code)); }
};

}  // namespace

std::error_code make_error_code(DaError e) {
    static const Category category;
    return {static_cast<int>(e), category};
}

}  // namespace valence::da
