// How much memory a model may take that blocks use: what every full node must have room for. Larger ones
// cannot be opened (registration.hpp), so that no block replays them.
//
// Which models these are must not depend on the node. A plan's size does not: the kernels' layouts are the
// same whatever instructions the machine has (ml/executor/plan.hpp).
#pragma once

#include <cstdint>

namespace valence::chain {

/// Bytes of weights: as much as a transaction can pay the hashing of.
inline constexpr std::uint64_t kMostWeightBytes = std::uint64_t{128} << 20;
/// Bytes of a plan beside its graph, and, apart from these, of the buffers of one run.
inline constexpr std::uint64_t kMostPlanBytes = std::uint64_t{1} << 30;
/// Bytes that decoding a file with no more weights takes at most, and its plan's weights: five times the
/// weights, and what names, commitment and the largest graph take.
inline constexpr std::uint64_t kMostDecodingBytes = std::uint64_t{2} << 30;

}  // namespace valence::chain
