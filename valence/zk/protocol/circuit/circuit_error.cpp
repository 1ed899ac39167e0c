#include "valence/zk/protocol/circuit/circuit_error.hpp"

#include <string>

namespace valence::zk {
namespace {

class Category final : public std::error_category {
public:
    const char* name() const noexcept override { return "circuit"; }
    std::string message(int value) const override {
        switch (static_cast<CircuitError>(value)) {
            case CircuitError::unsupported_operation:
                return "no proof covers this operation yet";
            case CircuitError::too_large:
                return "too large to be proved";
            case CircuitError::bad_flags:
                return "the proof's flags are not this model's";
        }
        return "unknown circuit error";
    }
};

}  // namespace

std::error_code make_error_code(CircuitError error) {
    static const Category category;
    return {static_cast<int>(error), category};
}

}  // namespace valence::zk
