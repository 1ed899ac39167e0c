#include "valence/ml/graph/model_error.hpp"

#include <string>

namespace valence::ml {
namespace {

class ModelCategory : public std::error_category {
public:
    const char* name() const noexcept override { return "model"; }
    std::string message(int code) const override {
        switch (static_cast<ModelError>(code)) {
            case ModelError::invalid_input:
                return "invalid input";
            case ModelError::invalid_node:
                return "invalid node";
            case ModelError::invalid_graph:
                return "invalid graph";
            case ModelError::overflow:
                return "integer range exceeded";
            case ModelError::too_large:
                return "model too large";
            case ModelError::unknown_format:
                return "not a model file of a known version";
            case ModelError::truncated:
                return "wrong length";
            case ModelError::malformed:
                return "malformed model file";
            case ModelError::wrong_weights:
                return "weights do not match their root";
        }
        return "unknown model error";
    }
};

}  // namespace

std::error_code make_error_code(ModelError error) {
    static const ModelCategory category;
    return {static_cast<int>(error), category};
}

}  // namespace valence::ml
