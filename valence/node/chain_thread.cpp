#include "valence/node/chain_thread.hpp"

namespace valence::node {

void ChainThread::start(std::function<void()> on_deadline) {
    on_deadline_ = std::move(on_deadline);
    thread_ = std::thread([this] { loop(); });
}

void ChainThread::stop() {
    {
        const std::lock_guard guard(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void ChainThread::set_deadline(std::optional<Milliseconds> deadline) {
    {
        const std::lock_guard guard(mutex_);
        deadline_ = deadline;
    }
    changed_.notify_all();
}

void ChainThread::hand_over(std::function<void()> work) {
    {
        const std::lock_guard guard(mutex_);
        work_.push_back(std::move(work));
    }
    changed_.notify_all();
}

void ChainThread::loop() {
    std::unique_lock lock(mutex_);
    for (;;) {
        while (!work_.empty()) {
            const auto work = std::move(work_.front());
            work_.pop_front();
            lock.unlock();
            work();
            lock.lock();
        }
        if (stopping_) return;
        const bool due = deadline_ && clock_->now() >= *deadline_;
        if (due) {
            deadline_.reset();
            lock.unlock();
            on_deadline_();
            lock.lock();
            continue;
        }
        const auto before = deadline_;
        const auto ready = [&] { return stopping_ || !work_.empty() || deadline_ != before; };
        if (deadline_) {
            clock_->wait_until(lock, changed_, *deadline_, ready);
        } else {
            changed_.wait(lock, ready);
        }
    }
}

}  // namespace valence::node
