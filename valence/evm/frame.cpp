#include "valence/evm/frame.hpp"

namespace valence::evm {

FramePool::Owned FramePool::take() {
    // Not make_unique, which would zero the stack; nothing reads it before it is written.
    if (free_.empty()) return Owned{new Frame};
    auto frame = std::move(free_.back());
    free_.pop_back();
    return frame;
}

void FramePool::give_back(Owned frame) {
    frame->memory.clear();
    if (frame->return_data.capacity() > kKeptReturnData) {
        frame->return_data = {};
    } else {
        frame->return_data.clear();
    }
    frame->shared_analysis.reset();
    if (free_.size() < kKept) free_.push_back(std::move(frame));
}

FramePool& FramePool::of_this_thread() {
    thread_local FramePool pool;
    return pool;
}

}  // namespace valence::evm
