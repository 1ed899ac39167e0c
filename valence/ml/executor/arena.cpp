#include "valence/ml/executor/arena.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "valence/ml/executor/program.hpp"

namespace valence::ml::executor {

namespace {

/// Above so many buffers the square of their number matters.
constexpr std::size_t kFewBuffers = 2048;

constexpr std::size_t padded(std::size_t bytes) {
    return (bytes + 2 * kAlignment - 1) / kAlignment * kAlignment;
}

/// Free stretches of an arena that grows at its end.
class FreeList {
public:
    /// The smallest stretch that is large enough, the lowest of them.
    std::size_t take(std::size_t size) {
        const auto found = by_size_.lower_bound({size, 0});
        if (found == by_size_.end()) {
            const std::size_t offset = end_;
            end_ += size;
            return offset;
        }
        const auto [length, offset] = *found;
        remove(offset, length);
        if (length > size) add(offset + size, length - size);
        return offset;
    }
    void give(std::size_t offset, std::size_t size) {
        auto after = by_offset_.lower_bound(offset);
        if (after != by_offset_.end() && after->first == offset + size) {
            size += after->second;
            remove(after->first, after->second);
            after = by_offset_.lower_bound(offset);
        }
        if (after != by_offset_.begin()) {
            const auto [before, length] = *std::prev(after);
            if (before + length == offset) {
                remove(before, length);
                offset = before;
                size += length;
            }
        }
        add(offset, size);
    }
    std::size_t end() const { return end_; }

private:
    void add(std::size_t offset, std::size_t size) {
        by_offset_.emplace(offset, size);
        by_size_.emplace(size, offset);
    }
    void remove(std::size_t offset, std::size_t size) {
        by_offset_.erase(offset);
        by_size_.erase({size, offset});
    }

    std::map<std::size_t, std::size_t> by_offset_;
    std::set<std::pair<std::size_t, std::size_t>> by_size_;
    std::size_t end_ = 0;
};

/// In the order in which they come to life, each in the best fitting stretch: n·log n steps for n buffers.
ArenaLayout lay_out_many(std::span<const Lifetime> buffers) {
    std::vector<std::size_t> order(buffers.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::pair(buffers[a].first, a) < std::pair(buffers[b].first, b);
    });
    ArenaLayout layout;
    layout.offsets.resize(buffers.size());
    FreeList free;
    std::set<std::pair<std::int64_t, std::size_t>> alive;  // by their last step
    for (const std::size_t id : order) {
        while (!alive.empty() && alive.begin()->first < buffers[id].first) {
            const std::size_t dead = alive.begin()->second;
            free.give(layout.offsets[dead], padded(buffers[dead].bytes));
            alive.erase(alive.begin());
        }
        layout.offsets[id] = free.take(padded(buffers[id].bytes));
        alive.emplace(buffers[id].last, id);
    }
    layout.bytes = free.end();
    return layout;
}

}  // namespace

ArenaLayout lay_out(std::span<const Lifetime> buffers) {
    if (buffers.size() > kFewBuffers) return lay_out_many(buffers);
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
