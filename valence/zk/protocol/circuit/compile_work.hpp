// How much compiling a graph takes, told without compiling it: an upper bound for whoever must pay, or
// refuse, before the work is done.
#pragma once

#include <cstdint>

#include "valence/ml/graph/graph.hpp"

namespace valence::zk {

/// Of the largest graph that has a circuit; eight times that of GPT-2 small.
inline constexpr std::uint64_t kMaxCompileWork = std::uint64_t{1} << 23;

/// Entries of the vectors along axes that a circuit holds, and 1,024 for each node and tap of a window, about
/// 5 ns and 16 bytes each. Of a graph that has passed validate_structure(). Saturates above kMaxCompileWork.
std::uint64_t compile_work(const ml::Graph& graph);

}  // namespace valence::zk
