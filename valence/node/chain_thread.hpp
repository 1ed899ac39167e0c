// ChainThread: the one thread that changes the chain. Work is handed to it and done in order; between pieces
// of work it does what is due by the clock (interval mining).
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <thread>

#include "valence/node/clock.hpp"

namespace valence::node {

class ChainThread {
public:
    explicit ChainThread(std::shared_ptr<Clock> clock) : clock_(std::move(clock)) {}
    ~ChainThread() { stop(); }
    ChainThread(const ChainThread&) = delete;
    ChainThread& operator=(const ChainThread&) = delete;

    /// Begins; `on_deadline` runs on the thread whenever the deadline has come.
    void start(std::function<void()> on_deadline);
    /// Finishes the work that was handed over, then ends the thread. May be called again.
    void stop();

    /// When `on_deadline` is due next; nothing for never. On the chain's thread or before `start`.
    void set_deadline(std::optional<Milliseconds> deadline);

    /// Runs `work` on the thread and waits for what it answers. On the chain's thread itself it just runs.
    /// Not to be called once `stop` has returned.
    template <typename Work>
    auto run(Work&& work) -> decltype(work()) {
        using Answer = decltype(work());
        if (std::this_thread::get_id() == thread_.get_id()) return work();
        std::packaged_task<Answer()> task(std::forward<Work>(work));
        auto answer = task.get_future();
        hand_over([&task] { task(); });
        return answer.get();
    }

    /// Runs `work` on the thread some time later, without waiting.
    void post(std::function<void()> work) { hand_over(std::move(work)); }

private:
    void hand_over(std::function<void()> work);
    void loop();

    std::shared_ptr<Clock> clock_;
    std::function<void()> on_deadline_;
    /// Guards what follows.
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> work_;
    std::optional<Milliseconds> deadline_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace valence::node
