#include "valence/node/pre_executor.hpp"

#include "valence/base/thread_priority.hpp"

namespace valence::node {

PreExecutor::PreExecutor(Run run)
    : run_(std::move(run)), thread_([this](const std::stop_token& stop) { loop(stop); }) {}

PreExecutor::~PreExecutor() = default;

void PreExecutor::offer(sequencer::PooledTransaction transaction) {
    {
        const std::lock_guard guard(mutex_);
        if (waiting_.size() >= kMostWaiting) return;
        waiting_.push_back(std::move(transaction));
    }
    changed_.notify_one();
}

void PreExecutor::loop(const std::stop_token& stop) {
    base::give_way_to_the_chain(base::Work::intake);
    for (;;) {
        sequencer::PooledTransaction transaction;
        {
            std::unique_lock lock(mutex_);
            if (!changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
            transaction = std::move(waiting_.front());
            waiting_.pop_front();
        }
        run_(transaction);
    }
}

}  // namespace valence::node
