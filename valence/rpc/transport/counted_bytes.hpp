// Bytes that count towards a sum which all connections have together.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace valence::rpc {

/// What one holder has of the sum; given back when it goes.
class CountedBytes {
public:
    explicit CountedBytes(std::atomic<std::size_t>& sum, std::size_t bytes = 0) : sum_(sum) { set(bytes); }
    ~CountedBytes() { set(0); }
    CountedBytes(const CountedBytes&) = delete;
    CountedBytes& operator=(const CountedBytes&) = delete;

    /// Answers the sum then.
    std::size_t set(std::size_t bytes) {
        const auto change = bytes - std::exchange(bytes_, bytes);
        return sum_.fetch_add(change) + change;
    }
    std::size_t bytes() const { return bytes_; }

private:
    std::atomic<std::size_t>& sum_;
    std::size_t bytes_ = 0;
};

}  // namespace valence::rpc
