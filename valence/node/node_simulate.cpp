// What simulations need of the chain beyond reading it.
#include "valence/node/node_impl.hpp"

namespace valence::node {

Result<Hash> Node::state_root_after(std::uint64_t block, const state::StateChanges& changes) {
    // On the chain's thread: a commit is prepared by one thread at a time.
    return impl_->thread.run([&]() -> Result<Hash> {
        if (impl_->reader.head_number() != block) {
            return Error{ReadError::state_unavailable,
                         "state roots on top of block " + std::to_string(block) + ", which is not the head"};
        }
        return impl_->database->prepare(changes).state_root();
    });
}

}  // namespace valence::node
