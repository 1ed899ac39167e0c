#include "valence/node/clock.hpp"

#include <algorithm>

namespace valence::node {
namespace {

class SystemClock : public Clock {
public:
    Milliseconds now() const override {
        return std::chrono::duration_cast<Milliseconds>(std::chrono::system_clock::now().time_since_epoch());
    }

    void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                    Milliseconds deadline, const std::function<bool()>& ready) override {
        const auto rest = deadline - now();
        if (rest.count() <= 0) return;
        // A step of the system's clock shall not stretch a wait, so the rest is waited on the steady one.
        changed.wait_until(lock, std::chrono::steady_clock::now() + rest, ready);
    }
};

}  // namespace

std::shared_ptr<Clock> system_clock() {
    static const auto clock = std::make_shared<SystemClock>();
    return clock;
}

Milliseconds ManualClock::now() const {
    const std::lock_guard guard(mutex_);
    return now_;
}

void ManualClock::wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                             Milliseconds deadline, const std::function<bool()>& ready) {
    {
        const std::lock_guard guard(mutex_);
        if (now_ >= deadline) return;
        waiters_.push_back({lock.mutex(), &changed});
    }
    changed.wait(lock, [&] { return ready() || now() >= deadline; });
    const std::lock_guard guard(mutex_);
    std::erase_if(waiters_, [&](const Waiter& w) { return w.changed == &changed; });
}

void ManualClock::advance(Milliseconds by) {
    std::vector<Waiter> waiters;
    {
        const std::lock_guard guard(mutex_);
        now_ += by;
        waiters = waiters_;
    }
    for (const auto& waiter : waiters) {
        // Taking the waiter's mutex makes sure it is either waiting, or will look at the time again.
        const std::lock_guard guard(*waiter.mutex);
        waiter.changed->notify_all();
    }
}

}  // namespace valence::node
