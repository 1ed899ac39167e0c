#include "valence/zk/prover/parallel.hpp"

#include <algorithm>

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace valence::zk::parallel {
namespace {

/// Debian builds TBB without ThreadSanitizer, which cannot see that a loop's pieces come after what was
/// before the loop and before what follows it. These say so, and are nothing elsewhere.
void comes_after(const void* const& function) {
#if defined(__SANITIZE_THREAD__)
    __tsan_acquire(const_cast<const void**>(&function));
#else
    (void)function;
#endif
}
void comes_before(const void* const& function) {
#if defined(__SANITIZE_THREAD__)
    __tsan_release(const_cast<const void**>(&function));
#else
    (void)function;
#endif
}

}  // namespace

std::size_t threads() {
    using oneapi::tbb::global_control;
    return std::min(static_cast<std::size_t>(tbb::this_task_arena::max_concurrency()),
                    global_control::active_value(global_control::max_allowed_parallelism));
}

std::size_t grain_of(std::size_t units) { return std::max<std::size_t>(units / (4 * threads()), 1); }

void split(std::size_t units, std::size_t grain, const void* function, Piece call) {
    comes_before(function);
    tbb::parallel_for(
        tbb::blocked_range<std::size_t>(0, units, grain),
        [&](const tbb::blocked_range<std::size_t>& piece) {
            comes_after(function);
            call(function, piece.begin(), piece.end());
            comes_before(function);
        },
        tbb::simple_partitioner());
    comes_after(function);
}

}  // namespace valence::zk::parallel
