// Splits loops among the threads of the TBB arena in which the prover was called: `tbb::task_arena(n)` around
// a call gives it n threads. Every piece writes elements of its own, so that proofs never depend on the
// number.
#pragma once

#include <cstddef>
#include <cstdint>

namespace valence::zk {

namespace parallel {
using Piece = void (*)(const void* function, std::size_t begin, std::size_t end);
/// Below this a loop is over before another thread has woken up.
inline constexpr std::uint64_t kWorthSplitting = 16'000;
/// Threads that may work at a time.
std::size_t threads();
void split(std::size_t units, std::size_t grain, const void* function, Piece call);
/// Pieces of that many units: a few for each thread, so that one held up by the system does not hold up all.
std::size_t grain_of(std::size_t units);

template <typename F>
void call(std::size_t units, std::size_t grain, const F& f) {
    split(units, grain, &f, [](const void* function, std::size_t begin, std::size_t end) {
        (*static_cast<const F*>(function))(begin, end);
    });
}
}  // namespace parallel

/// Calls f(begin, end) for pieces that cover [0, units), at the same time on several threads if the whole is
/// worth it; `cost` is a guess of one unit's time in nanoseconds.
template <typename F>
void in_parallel(std::size_t units, std::uint64_t cost, const F& f) {
    if (units < 2 || units * cost < parallel::kWorthSplitting || parallel::threads() == 1)
        return f(std::size_t{0}, units);
    parallel::call(units, parallel::grain_of(units), f);
}

/// Calls f(unit) for units that may take very different times, all of them about `cost` nanoseconds together.
template <typename F>
void each_in_parallel(std::size_t units, std::uint64_t cost, const F& f) {
    const auto piece = [&](std::size_t begin, std::size_t end) {
        for (std::size_t unit = begin; unit < end; ++unit)
            f(unit);
    };
    if (units < 2 || cost < parallel::kWorthSplitting || parallel::threads() == 1)
        return piece(std::size_t{0}, units);
    parallel::call(units, 1, piece);
}

}  // namespace valence::zk
