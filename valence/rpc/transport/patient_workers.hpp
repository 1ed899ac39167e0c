// Workers for requests that may take seconds. Of each caller only so many run at once and the rest waits for
// its own, so that nobody has all workers.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

namespace valence::rpc {

class PatientWorkers {
public:
    using Work = std::function<void()>;

    PatientWorkers(std::size_t threads, std::size_t most_of_one)
        : most_of_one_(most_of_one), pool_(threads) {}

    /// Runs `work` on a worker: at once while fewer of the caller's run, else when one of those has ended.
    /// Any thread.
    void post(const std::string& caller, Work work) {
        {
            const std::lock_guard lock(mutex_);
            auto& own = callers_[caller];
            if (own.running == most_of_one_) {
                own.waiting.push_back(std::move(work));
                return;
            }
            ++own.running;
        }
        run(caller, std::move(work));
    }

    /// What waits is never run, and goes with this.
    void stop() {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }

    /// Stops, and finishes what runs.
    void join() {
        stop();
        pool_.join();
    }

private:
    struct Caller {
        std::size_t running = 0;
        std::deque<Work> waiting;
    };

    void run(const std::string& caller, Work work) {
        boost::asio::post(pool_, [this, caller, work = std::move(work)]() mutable {
            work();
            // What it holds goes before the next begins.
            work = nullptr;
            if (auto next = after(caller)) run(caller, std::move(next));
        });
    }

    /// What of the caller's is to run in place of what ended; nothing when it has none.
    Work after(const std::string& caller) {
        const std::lock_guard lock(mutex_);
        const auto own = callers_.find(caller);
        if (own->second.waiting.empty() || stopping_) {
            if (--own->second.running == 0 && own->second.waiting.empty()) callers_.erase(own);
            return nullptr;
        }
        auto next = std::move(own->second.waiting.front());
        own->second.waiting.pop_front();
        return next;
    }

    const std::size_t most_of_one_;
    /// Guards what follows.
    std::mutex mutex_;
    bool stopping_ = false;
    std::unordered_map<std::string, Caller> callers_;
    boost::asio::thread_pool pool_;
};

}  // namespace valence::rpc
