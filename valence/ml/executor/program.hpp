// A planned subgraph: steps in order, over numbered buffers that lie at fixed places of an arena.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "valence/ml/executor/workers.hpp"

namespace valence::ml::executor {

/// Number of a buffer of a program.
using BufferId = std::uint32_t;

/// Buffers begin at multiples of this, and this many bytes after each may be read (never written, never
/// used).
inline constexpr std::size_t kAlignment = 64;

/// Where a buffer is: at an offset of every item's arena, or, for constants, somewhere in the plan.
struct Place {
    std::size_t offset = 0;
    const std::byte* fixed = nullptr;
};

/// What the steps of a run work on: one arena per item of the batch, `stride` bytes apart.
struct Frame {
    std::byte* arena = nullptr;
    std::size_t stride = 0;
    std::size_t items = 1;
    const Place* places = nullptr;
    const Workers* workers = nullptr;

    /// A buffer of one item. Constants are shared by all items and only read.
    template <typename T>
    T* at(BufferId buffer, std::size_t item) const {
        const Place& place = places[buffer];
        if (place.fixed != nullptr) return reinterpret_cast<T*>(const_cast<std::byte*>(place.fixed));
        return reinterpret_cast<T*>(arena + item * stride + place.offset);
    }
};

/// One step of a run: for every item, reads buffers and writes others. Immutable, shared by threads.
class Step {
public:
    Step() = default;
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    virtual ~Step() = default;
    virtual void run(const Frame& frame) const = 0;
};

struct Program {
    std::vector<std::unique_ptr<Step>> steps;
    std::vector<Place> places;
    std::vector<BufferId> inputs;   // row-major
    std::vector<BufferId> outputs;  // row-major
    std::size_t arena_bytes = 0;    // per item

    void run(const Frame& frame) const {
        Frame own = frame;
        own.places = places.data();
        for (const auto& step : steps)
            step->run(own);
    }
};

}  // namespace valence::ml::executor
