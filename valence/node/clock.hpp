// Clock: the time of day as the node sees it, replaceable in tests so that nothing there sleeps.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace valence::node {

/// Milliseconds since the epoch.
using Milliseconds = std::chrono::milliseconds;

class Clock {
public:
    virtual ~Clock() = default;
    virtual Milliseconds now() const = 0;
    /// Waits until `ready()` or until `deadline` has come; `lock` is held before and after. Whoever makes
    /// `ready` true notifies `changed`.
    virtual void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                            Milliseconds deadline, const std::function<bool()>& ready) = 0;
};

/// The system's clock.
std::shared_ptr<Clock> system_clock();

/// Stands still until it is moved.
class ManualClock : public Clock {
public:
    explicit ManualClock(Milliseconds start) : now_(start) {}

    Milliseconds now() const override;
    void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                    Milliseconds deadline, const std::function<bool()>& ready) override;
    /// Moves it forward and wakes those whose deadline has come.
    void advance(Milliseconds by);

private:
    struct Waiter {
        std::mutex* mutex;
        std::condition_variable* changed;
    };
    /// Guards what follows.
    mutable std::mutex mutex_;
    Milliseconds now_;
    std::vector<Waiter> waiters_;
};

}  // namespace valence::node
