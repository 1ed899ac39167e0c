#include "valence/zk/prover/parallel.hpp"

#include <algorithm>

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include "valence/base/parallel.hpp"

namespace valence::zk::parallel {

std::size_t threads() {
    using oneapi::tbb::global_control;
    return std::min(static_cast<std::size_t>(tbb::this_task_arena::max_concurrency()),
                    global_control::active_value(global_control::max_allowed_parallelism));
}

std::size_t grain_of(std::size_t units) { return std::max<std::size_t>(units / (4 * threads()), 1); }

void split(std::size_t units, std::size_t grain, const void* function, Piece call) {
    base::in_pieces(
        units, grain, [&](std::size_t begin, std::size_t end) { call(function, begin, end); },
        tbb::simple_partitioner());
}

}  // namespace valence::zk::parallel
