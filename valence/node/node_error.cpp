#include <string>

#include "valence/node/node.hpp"

namespace valence::node {
namespace {

class NodeCategory : public std::error_category {
public:
    const char* name() const noexcept override { return "node"; }
    std::string message(int code) const override {
        switch (static_cast<NodeError>(code)) {
            case NodeError::other_genesis:
                return "a chain with another genesis";
            case NodeError::unknown_parent:
                return "unknown ancestor";
            case NodeError::too_deep:
                return "further back than the history that is kept";
            case NodeError::unknown_snapshot:
                return "no such snapshot";
            case NodeError::time_in_the_past:
                return "timestamp lower than the previous block's";
            case NodeError::no_such_block:
                return "no such block";
            case NodeError::upstream_malformed:
                return "the followed node's answer makes no sense";
            case NodeError::other_beacon_key:
                return "the beacon key is not the one that the genesis names";
            case NodeError::no_beacon_key:
                return "blocks cannot be built without the secret of the genesis' beacon key";
            case NodeError::backlog:
                return "too many blocks wait to be posted to data availability; building goes on once they "
                       "are";
            case NodeError::other_layer:
                return "not the data-availability layer that the genesis names";
            case NodeError::already_safe:
                return "what is in the data-availability layer stays on the chain";
            case NodeError::too_far_ahead:
                return "too many blocks wait to be posted to data availability";
        }
        return "unknown error";
    }
};

}  // namespace

std::error_code make_error_code(NodeError error) {
    static const NodeCategory category;
    return {static_cast<int>(error), category};
}

}  // namespace valence::node
