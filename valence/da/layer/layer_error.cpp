#include "valence/da/layer/layer.hpp"

namespace valence::da {
namespace {

class LayerCategory : public std::error_category {
public:
    const char* name() const noexcept override { return "da layer"; }
    std::string message(int code) const override {
        switch (static_cast<LayerError>(code)) {
            case LayerError::no_such_height:
                return "the layer has no block of that height yet";
            case LayerError::not_found:
                return "blob: not found";
            case LayerError::busy:
                return "the layer takes no more blobs now";
            case LayerError::too_large:
                return "more than one block of the layer holds";
            case LayerError::unreachable:
                return "the data-availability layer cannot be reached";
            case LayerError::refused:
                return "the data-availability layer refuses";
            case LayerError::malformed:
                return "the data-availability layer's answer makes no sense";
            case LayerError::io:
                return "the data-availability layer's folder cannot be used";
        }
        return "unknown error";
    }
};

}  // namespace

std::error_code make_error_code(LayerError error) {
    static const LayerCategory category;
    return {static_cast<int>(error), category};
}

}  // namespace valence::da
