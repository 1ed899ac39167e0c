// PreExecutor: a thread that runs transactions once when they arrive, beside the chain's. What it does not
// get to is found out when the block is built, so its queue is short and forgets.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "valence/sequencer/pool_transaction.hpp"

namespace valence::node {

class PreExecutor {
public:
    using Run = std::function<void(const sequencer::PooledTransaction&)>;

    explicit PreExecutor(Run run);
    /// Ends after the run that is under way.
    ~PreExecutor();

    /// Never waits; drops the transaction when many wait already.
    void offer(sequencer::PooledTransaction transaction);

private:
    static constexpr std::size_t kMostWaiting = 1'024;

    void loop(const std::stop_token& stop);

    Run run_;
    std::mutex mutex_;  // guards what follows
    std::condition_variable_any changed_;
    std::deque<sequencer::PooledTransaction> waiting_;
    std::jthread thread_;
};

}  // namespace valence::node
