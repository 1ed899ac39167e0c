// Mailbox: an executor for tests. What is posted runs on the test's own thread, when it waits for something.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

namespace valence::compute::testing {

class Mailbox {
public:
    std::function<void(std::function<void()>)> post() {
        return [this](std::function<void()> work) {
            {
                const std::lock_guard lock(mutex_);
                work_.push_back(std::move(work));
            }
            changed_.notify_all();
        };
    }

    /// Runs what comes until `done()`; false when that takes longer than any test should.
    bool run_until(const std::function<bool()>& done) {
        const auto late = std::chrono::steady_clock::now() + std::chrono::seconds(120);
        std::unique_lock lock(mutex_);
        while (!done()) {
            if (!changed_.wait_until(lock, late, [&] { return !work_.empty(); })) return false;
            const auto work = std::move(work_.front());
            work_.pop_front();
            lock.unlock();
            work();
            lock.lock();
        }
        return true;
    }
    /// Runs what is there.
    void run() {
        for (;;) {
            std::function<void()> work;
            {
                const std::lock_guard lock(mutex_);
                if (work_.empty()) return;
                work = std::move(work_.front());
                work_.pop_front();
            }
            work();
        }
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> work_;
};

}  // namespace valence::compute::testing
