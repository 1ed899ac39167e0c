#include "valence/sequencer/pool_error.hpp"

#include <string>

namespace valence::sequencer {
namespace {

class PoolCategory : public std::error_category {
public:
    const char* name() const noexcept override { return "pool"; }
    std::string message(int code) const override {
        switch (static_cast<PoolError>(code)) {
            case PoolError::already_known:
                return "already known";
            case PoolError::replacement_underpriced:
                return "replacement transaction underpriced";
            case PoolError::pool_full:
                return "txpool is full";
            case PoolError::sender_full:
                return "account limit exceeded";
            case PoolError::delegated_sender_full:
                return "in-flight transaction limit reached for delegated accounts";
            case PoolError::authority_reserved:
                return "authority already reserved";
            case PoolError::exceeds_block_gas_limit:
                return "exceeds block gas limit";
            case PoolError::bound:
                return "transaction with this nonce waits for an inference and cannot be replaced";
            case PoolError::oversized:
                return "oversized data";
        }
        return "unknown pool error";
    }
};

}  // namespace

std::error_code make_error_code(PoolError error) {
    static const PoolCategory category;
    return {static_cast<int>(error), category};
}

}  // namespace valence::sequencer
