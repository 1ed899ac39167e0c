#include "valence/ml/onnx/import_error.hpp"

namespace valence::ml {
namespace {

class ImportErrorCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "onnx"; }
    std::string message(int code) const override {
        switch (static_cast<ImportError>(code)) {
            case ImportError::malformed:
                return "malformed ONNX file";
            case ImportError::too_large:
                return "model too large";
            case ImportError::dynamic_shape:
                return "input without a fixed shape";
            case ImportError::other_shape:
                return "shape that does not fit";
            case ImportError::external_data:
                return "model keeps tensors in other files";
            case ImportError::unsupported:
                return "model not supported";
        }
        return "unknown error";
    }
};

}  // namespace

std::error_code make_error_code(ImportError e) {
    static const ImportErrorCategory category;
    return {static_cast<int>(e), category};
}

}  // namespace valence::ml
