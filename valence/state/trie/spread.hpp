// Spreading work over the cores, where there is enough of it to be worth waking them.
#pragma once

#include "valence/base/parallel.hpp"

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
    base::in_pieces(count, grain, body);
}

}  // namespace valence::state
