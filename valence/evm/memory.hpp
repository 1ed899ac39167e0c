// Memory: a frame's byte-addressed memory. It starts at 4 KiB of capacity, doubles, is zeroed only as far as
// it is used, and keeps its buffer when the frame goes back to the pool.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "valence/base/base.hpp"
#include "valence/evm/message.hpp"

namespace valence::evm {

class Memory {
public:
    Memory() = default;
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    ~Memory() { std::free(data_); }

    std::uint8_t* data() { return data_; }
    const std::uint8_t* data() const { return data_; }
    /// Bytes, always a multiple of 32.
    std::uint64_t size() const { return size_; }
    BytesView view() const { return {data_, static_cast<std::size_t>(size_)}; }

    /// Grows to at least `end` bytes, which must be more than `size()`, and takes the price (3 a word and
    /// words²/512) from `gas`. The answer is what is left, negative if it does not suffice; then nothing has
    /// grown.
    Gas expand(std::uint64_t end, Gas gas) {
        const auto price = cost_of_words((end + 31) / 32) - cost_of_words(size_ / 32);
        gas -= price;
        if (gas < 0) [[unlikely]]
            return gas;
        const auto new_size = (end + 31) / 32 * 32;
        if (new_size > capacity_) [[unlikely]]
            reserve(new_size);
        std::memset(data_ + size_, 0, new_size - size_);
        size_ = new_size;
        return gas;
    }

    /// Empties it. A buffer past `kKeptCapacity` is given back, so that pools stay bounded.
    void clear() {
        size_ = 0;
        if (capacity_ > kKeptCapacity) [[unlikely]] {
            std::free(data_);
            data_ = nullptr;
            capacity_ = 0;
        }
    }

    /// Offsets and sizes past this are unaffordable under any gas limit (2^32 bytes cost 2^45 gas).
    static constexpr std::uint64_t kMaxOffset = std::uint64_t{1} << 32;

private:
    static constexpr std::uint64_t kFirstCapacity = 4096;
    static constexpr std::uint64_t kKeptCapacity = std::uint64_t{1} << 20;

    static constexpr Gas cost_of_words(std::uint64_t words) {
        return static_cast<Gas>(3 * words + words * words / 512);
    }

    /// Ends the program where the machine lacks memory that was paid for: were it the frame that failed,
    /// nodes would disagree about it.
    void reserve(std::uint64_t size) {
        auto capacity = capacity_ == 0 ? kFirstCapacity : 2 * capacity_;
        while (capacity < size)
            capacity *= 2;
        auto* data = static_cast<std::uint8_t*>(std::realloc(data_, capacity));
        VALENCE_CHECK(data != nullptr);
        data_ = data;
        capacity_ = capacity;
    }

    std::uint8_t* data_ = nullptr;
    std::uint64_t size_ = 0;
    std::uint64_t capacity_ = 0;
};

}  // namespace valence::evm
