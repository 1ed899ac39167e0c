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
void split(std::size_t units, const void* function, Piece call);
}  // namespace parallel

/// Calls f(begin, end) for pieces that cover [0, units), at the same time on several threads if the whole is
/// worth it; `cost` is a guess of one unit's time in nanoseconds.
template <typename F>
void in_parallel(std::size_t units, std::uint64_t cost, const F& f) {
    if (units < 2 || units * cost < parallel::kWorthSplitting) return f(std::size_t{0}, units);
    parallel::split(units, &f, [](const void* function, std::size_t begin, std::size_t end) {
        (*static_cast<const F*>(function))(begin, end);
    });
}

}  // namespace valence::zk
