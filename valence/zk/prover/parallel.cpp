#include "valence/zk/prover/parallel.hpp"

#include <algorithm>

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

namespace valence::zk::parallel {

std::size_t threads() {
    using oneapi::tbb::global_control;
    return std::min(static_cast<std::size_t>(tbb::this_task_arena::max_concurrency()),
                    global_control::active_value(global_control::max_allowed_parallelism));
}

std::size_t grain_of(std::size_t units) { return std::max<std::size_t>(units / (4 * threads()), 1); }

void split(std::size_t units, std::size_t grain, const void* function, Piece call) {
    tbb::parallel_for(
        tbb::blocked_range<std::size_t>(0, units, grain),
        [&](const tbb::blocked_range<std::size_t>& piece) { call(function, piece.begin(), piece.end()); },
        tbb::simple_partitioner());
}

}  // namespace valence::zk::parallel
