#include "valence/ml/executor/workers.hpp"

#include <algorithm>

#include <oneapi/tbb/task_arena.h>

#include "valence/base/parallel.hpp"

namespace valence::ml::executor {

struct Workers::Arena {
    explicit Arena(unsigned threads) : tbb(static_cast<int>(threads)) {}
    tbb::task_arena tbb;
};

Workers::Workers(unsigned threads)
    : threads_(std::max(threads, 1U)), arena_(threads_ > 1 ? std::make_unique<Arena>(threads_) : nullptr) {}
Workers::~Workers() = default;
Workers::Workers(Workers&&) noexcept = default;
Workers& Workers::operator=(Workers&&) noexcept = default;

void Workers::split(std::size_t units, const void* function,
                    void (*call)(const void*, std::size_t, std::size_t)) const {
    // A few pieces per thread, so that one held up by the system does not hold up all.
    const std::size_t grain = std::max<std::size_t>(units / (std::size_t{4} * threads_), 1);
    arena_->tbb.execute([&] {
        base::in_pieces(
            units, grain, [&](std::size_t begin, std::size_t end) { call(function, begin, end); },
            tbb::simple_partitioner());
    });
}

}  // namespace valence::ml::executor
