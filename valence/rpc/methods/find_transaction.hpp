// Where a transaction is: in a block, in the pool, or nowhere.
#pragma once

#include "valence/node/node.hpp"

namespace valence::rpc {

struct FoundTransaction {
    /// The canonical block that includes it, and where; null otherwise.
    sequencer::SharedBlock block;
    std::size_t index = 0;
    /// The pool's copy while it waits; null otherwise.
    sequencer::PooledTransaction pooled;
};

FoundTransaction find_transaction(const node::Node& node, const Hash& hash);

}  // namespace valence::rpc
