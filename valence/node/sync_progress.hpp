// How far a node is that follows another one.
#pragma once

#include <cstdint>
#include <optional>

namespace valence::node {

struct SyncProgress {
    /// The node's head when it began, its head, and the other one's.
    std::uint64_t starting = 0;
    std::uint64_t current = 0;
    std::uint64_t highest = 0;
};

}  // namespace valence::node
