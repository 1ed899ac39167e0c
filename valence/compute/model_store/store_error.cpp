#include "valence/compute/model_store/store_error.hpp"

#include <string>

namespace valence::compute {
namespace {

class StoreCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "model store"; }
    std::string message(int code) const override {
        switch (static_cast<StoreError>(code)) {
            case StoreError::missing:
                return "no such model here";
            case StoreError::invalid:
                return "not a valid model";
            case StoreError::too_large:
                return "too large for this node";
            case StoreError::bad_manifest:
                return "bad manifest";
            case StoreError::unknown_upload:
                return "no such upload; begin it again";
            case StoreError::wrong_chunk:
                return "wrong chunk";
            case StoreError::incomplete:
                return "chunks are missing";
            case StoreError::too_many_uploads:
                return "too many unfinished uploads";
            case StoreError::io:
                return "the model store cannot be read or written";
            case StoreError::locked:
                return "another valence is using this model store";
            case StoreError::no_peer:
                return "no peer has this model";
        }
        return "unknown error";
    }
};

}  // namespace

std::error_code make_error_code(StoreError error) {
    static const StoreCategory category;
    return {static_cast<int>(error), category};
}

}  // namespace valence::compute
