// The threads of one run: splits a step's work where that pays. Which thread does what never shows in the
// result, since every piece writes elements of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace valence::ml::executor {

class Workers {
public:
    explicit Workers(unsigned threads);
    ~Workers();
    Workers(Workers&&) noexcept;
    Workers& operator=(Workers&&) noexcept;

    unsigned threads() const { return threads_; }

    /// Calls f(begin, end) for pieces that cover [0, units), at the same time on several threads if the whole
    /// is worth it; `cost` is a guess of one unit's time in nanoseconds.
    template <typename F>
    void operator()(std::size_t units, std::uint64_t cost, const F& f) const {
        if (threads_ == 1 || units < 2 || units * cost < kWorthSplitting) return f(std::size_t{0}, units);
        split(units, &f, [](const void* function, std::size_t begin, std::size_t end) {
            (*static_cast<const F*>(function))(begin, end);
        });
    }

private:
    /// Waking a thread costs some microseconds.
    static constexpr std::uint64_t kWorthSplitting = 30'000;

    struct Arena;
    void split(std::size_t units, const void* function,
               void (*call)(const void*, std::size_t, std::size_t)) const;

    unsigned threads_;
    std::unique_ptr<Arena> arena_;  // absent with one thread
};

}  // namespace valence::ml::executor
