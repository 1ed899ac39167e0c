#include "valence/ml/executor/arena.hpp"

#include <algorithm>
#include <numeric>

#include "valence/ml/executor/program.hpp"

namespace valence::ml::executor {

ArenaLayout lay_out(std::span<const Lifetime> buffers) {
    const auto padded = [](std::size_t bytes) {
        return (bytes + 2 * kAlignment - 1) / kAlignment * kAlignment;
    };
    std::vector<std::size_t> order(buffers.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return buffers[a].bytes != buffers[b].bytes ? buffers[a].bytes > buffers[b].bytes : a < b;
    });

    ArenaLayout layout;
    layout.offsets.resize(buffers.size());
    std::vector<std::size_t> placed;  // by offset
    for (const std::size_t id : order) {
        const Lifetime& buffer = buffers[id];
        std::size_t offset = 0;
        for (const std::size_t other : placed) {
            const Lifetime& there = buffers[other];
            if (there.last < buffer.first || buffer.last < there.first) continue;
            if (layout.offsets[other] >= offset + padded(buffer.bytes)) break;
            offset = std::max(offset, layout.offsets[other] + padded(there.bytes));
        }
        layout.offsets[id] = offset;
        layout.bytes = std::max(layout.bytes, offset + padded(buffer.bytes));
        const auto where = std::upper_bound(
            placed.begin(), placed.end(), id,
            [&](std::size_t a, std::size_t b) { return layout.offsets[a] < layout.offsets[b]; });
        placed.insert(where, id);
    }
    return layout;
}

}  // namespace valence::ml::executor
