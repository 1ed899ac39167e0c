// MemoryBudget: memory for decoding models, handed out for a while. Whoever asks for more than is left waits.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>

namespace valence::compute {

class MemoryBudget {
public:
    explicit MemoryBudget(std::uint64_t bytes) : bytes_(bytes), left_(bytes) {}

    /// Gives its bytes back when it ends.
    class Share {
    public:
        Share(Share&& other) noexcept
            : budget_(std::exchange(other.budget_, nullptr)), bytes_(other.bytes_) {}
        Share& operator=(Share&&) = delete;
        ~Share() {
            if (budget_ != nullptr) budget_->give_back(bytes_);
        }

    private:
        friend class MemoryBudget;
        Share(MemoryBudget* budget, std::uint64_t bytes) : budget_(budget), bytes_(bytes) {}
        MemoryBudget* budget_;
        std::uint64_t bytes_;
    };

    /// Waits until so much is left; nothing when it never will be.
    std::optional<Share> take(std::uint64_t bytes) {
        if (bytes > bytes_) return std::nullopt;
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return left_ >= bytes; });
        left_ -= bytes;
        return Share{this, bytes};
    }
    std::uint64_t bytes() const { return bytes_; }

private:
    void give_back(std::uint64_t bytes) {
        {
            const std::lock_guard lock(mutex_);
            left_ += bytes;
        }
        changed_.notify_all();
    }

    const std::uint64_t bytes_;
    /// Guards left_.
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t left_;
};

}  // namespace valence::compute
