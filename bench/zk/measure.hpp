// The smallest CPU time of several runs: on a machine that others use too, what the code costs and not what
// the others did.
#pragma once

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <limits>

namespace valence::bench {

/// Of this thread, in seconds.
inline double thread_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Of one call, in seconds: runs for about `budget` seconds, each sample long enough for the clock.
template <typename Function>
double smallest_seconds(Function&& function, double budget = 0.3) {
    constexpr double kSample = 20e-6;
    std::size_t calls = 1;
    double best = std::numeric_limits<double>::infinity();
    const double begin = thread_seconds();
    for (int samples = 0; samples < 5 || thread_seconds() - begin < budget; ++samples) {
        const double start = thread_seconds();
        for (std::size_t i = 0; i < calls; ++i)
            function();
        const double sample = thread_seconds() - start;
        best = std::min(best, sample / static_cast<double>(calls));
        if (sample < kSample) calls *= 2;
    }
    return best;
}

}  // namespace valence::bench
