#include "valence/ml/float_graph/graph_error.hpp"

namespace valence::ml::real {
namespace {

class GraphErrorCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "float graph"; }
    std::string message(int code) const override {
        switch (static_cast<GraphError>(code)) {
            case GraphError::type_invalid:
                return "wrong element type";
            case GraphError::shape_invalid:
                return "shapes or attributes do not fit";
            case GraphError::too_large:
                return "too large";
            case GraphError::value_invalid:
                return "no result for this value";
            case GraphError::malformed:
                return "malformed graph";
        }
        return "unknown error";
    }
};

}  // namespace

std::error_code make_error_code(GraphError e) {
    static const GraphErrorCategory category;
    return {static_cast<int>(e), category};
}

}  // namespace valence::ml::real
