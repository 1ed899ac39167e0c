// Spreading work over the cores, where there is enough of it to be worth waking them.
#pragma once

#include <tbb/parallel_for.h>

namespace valence::state {

/// Calls body(first, last) over parts of [0, count): in one piece on this thread when there are at most
/// `grain`, else in pieces of about that many on all cores.
template <typename Body>
void spread(std::size_t count, std::size_t grain, Body&& body) {
    if (count == 0) return;
    if (count <= grain) {
        body(std::size_t{0}, count);
        return;
    }
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, count, grain),
                      [&](const auto& range) { body(range.begin(), range.end()); });
}

}  // namespace valence::state
