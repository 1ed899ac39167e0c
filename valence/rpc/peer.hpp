// Peer: the connection a request came over, as far as methods may know it: its rate limit, and for WebSocket
// a way to send notifications.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace valence::rpc {

/// Tokens that refill at a steady rate; a request takes one.
class TokenBucket {
public:
    using Clock = std::chrono::steady_clock;

    /// `rate` tokens a second, at most twice that saved up; 0 never refuses.
    explicit TokenBucket(std::uint32_t rate) : rate_(rate), tokens_(2.0 * rate), last_(Clock::now()) {}

    /// Takes `count` tokens, or none and false when there are fewer.
    bool take(std::size_t count, Clock::time_point now = Clock::now()) {
        if (rate_ == 0) return true;
        const std::lock_guard lock(mutex_);
        tokens_ += std::chrono::duration<double>(now - last_).count() * rate_;
        if (tokens_ > 2.0 * rate_) tokens_ = 2.0 * rate_;
        last_ = now;
        if (tokens_ < static_cast<double>(count)) return false;
        tokens_ -= static_cast<double>(count);
        return true;
    }

private:
    const double rate_;
    /// Guards tokens_ and last_: requests of one WebSocket connection run on several workers.
    std::mutex mutex_;
    double tokens_;
    Clock::time_point last_;
};

class Peer {
public:
    explicit Peer(std::uint32_t requests_per_second, std::string from = {})
        : bucket(requests_per_second), address(std::move(from)) {}
    virtual ~Peer() = default;

    /// Whether `notify` reaches the caller: WebSocket only.
    virtual bool can_notify() const { return false; }
    /// Queues a message; never blocks. A peer too slow to take it is disconnected. Any thread.
    virtual void notify(const std::shared_ptr<const std::string>& /*message*/) {}
    /// Whether somebody is there to be told. Any thread.
    virtual bool is_connected() const { return true; }
    /// Ends the connection of one who asks for too much. Any thread.
    virtual void cut_off() {}

    TokenBucket bucket;
    /// The network address of the caller, as far as bounds are counted by it; see caller_address().
    const std::string address;
    /// Open subscriptions, for the cap.
    std::atomic<std::size_t> subscriptions{0};
};

}  // namespace valence::rpc
