// Lays buffers into one arena so that those alive at the same time do not overlap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace valence::ml::executor {

/// A buffer and the steps between which its content matters, both inclusive.
struct Lifetime {
    std::size_t bytes = 0;
    std::int64_t first = 0;
    std::int64_t last = 0;
};

struct ArenaLayout {
    std::vector<std::size_t> offsets;  // one per buffer, multiples of kAlignment
    std::size_t bytes = 0;
};

/// Largest first, each at the lowest offset free during its life; of thousands of buffers in the order of
/// their lives. Every buffer is followed by kAlignment readable bytes.
ArenaLayout lay_out(std::span<const Lifetime> buffers);

}  // namespace valence::ml::executor
