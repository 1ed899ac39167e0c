// Deadline: when the time of a request is over. Whoever works long for it (runs of the machine, scans,
// batches) looks now and then, and gives up.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "valence/evm/tracer.hpp"
#include "valence/rpc/error.hpp"

namespace valence::rpc {

class Deadline {
public:
    using Clock = std::chrono::steady_clock;

    /// Never over.
    Deadline() = default;
    /// Over `allowed` from now, or when `stopping` becomes true, which may be null. 0 allows any time.
    explicit Deadline(std::chrono::milliseconds allowed, const std::atomic<bool>* stopping = nullptr);

    /// The earlier of this and of `allowed` from now; 0 is no bound of its own.
    Deadline within(std::chrono::milliseconds allowed) const;

    bool over() const {
        if (stopping_ != nullptr && stopping_->load(std::memory_order_relaxed)) return true;
        return end_ != Clock::time_point::max() && Clock::now() >= end_;
    }
    /// Of a run that was given up, in geth's words: "execution aborted (timeout = 5s)".
    RpcError aborted() const;

private:
    Clock::time_point end_ = Clock::time_point::max();
    std::chrono::milliseconds allowed_{0};
    const std::atomic<bool>* stopping_ = nullptr;
};

/// Of a request, or of one within a batch, whose time is over.
RpcError timed_out();

/// Ends a run when its time is over; what it sees of the run otherwise is its heirs' business.
class DeadlineTracer : public evm::Tracer {
public:
    explicit DeadlineTracer(const Deadline& deadline) : deadline_(deadline) {}

    void on_step(const evm::Step&, evm::Host&) override {
        if (++steps_ % kStepsBetweenLooks == 0 && deadline_.over()) give_up();
    }

private:
    static constexpr std::uint64_t kStepsBetweenLooks = 1'024;
    Deadline deadline_;
    std::uint64_t steps_ = 0;
};

}  // namespace valence::rpc
