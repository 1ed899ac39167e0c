#include "valence/zk/prover/parallel.hpp"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

namespace valence::zk::parallel {

void split(std::size_t units, const void* function, Piece call) {
    const auto threads = static_cast<std::size_t>(tbb::this_task_arena::max_concurrency());
    if (threads == 1) return call(function, 0, units);
    // A few pieces per thread, so that one held up by the system does not hold up all.
    const std::size_t grain = std::max<std::size_t>(units / (4 * threads), 1);
    tbb::parallel_for(
        tbb::blocked_range<std::size_t>(0, units, grain),
        [&](const tbb::blocked_range<std::size_t>& piece) { call(function, piece.begin(), piece.end()); },
        tbb::simple_partitioner());
}

}  // namespace valence::zk::parallel
