// How large a model may be. validate() holds every graph to these, so that whoever computes, proves or prices
// a validated graph has bounds to rely on. kMaxRank and kMaxElements are in shape.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

namespace valence::ml {

/// Of the main graph and all bodies together; and of the main graph with each scan's body in its place, since
/// that is what is planned.
inline constexpr std::size_t kMaxNodes = 1 << 16;
inline constexpr std::size_t kMaxTensors = 1 << 17;
/// Inputs and outputs of all nodes together.
inline constexpr std::size_t kMaxArguments = 1 << 18;
inline constexpr std::size_t kMaxWeights = 1 << 17;
inline constexpr std::size_t kMaxBodies = 1 << 10;
inline constexpr std::size_t kMaxPorts = 1 << 10;
/// Different function tables.
inline constexpr std::size_t kMaxTables = 256;
/// Bytes of a commitment to the weights.
inline constexpr std::size_t kMaxCommitment = 16 << 20;
inline constexpr std::uint64_t kMaxWeightBytes = std::uint64_t{1} << 36;
/// Elements of the weights that nodes name, as often as they are named (bodies for each scan): this many, and
/// kWeightUses times all weights. Each use is packed by itself.
inline constexpr std::uint64_t kMaxNamedElements = std::uint64_t{1} << 27;
inline constexpr std::uint64_t kWeightUses = 8;
/// Elements of all tensors together, a body's counted once.
inline constexpr std::uint64_t kMaxTotalElements = std::uint64_t{1} << 32;
/// Each count of a run's cost (cost.hpp).
inline constexpr std::uint64_t kMaxWork = std::uint64_t{1} << 48;
/// Size, stride, dilation and paddings of a window, each.
inline constexpr std::uint32_t kMaxWindow = 65535;
/// Bytes of a port's or node's name, and of a unit.
inline constexpr std::size_t kMaxName = 1024;

inline constexpr int kMaxExponent = 32;        // of a tensor or table, up and down
inline constexpr int kMaxOutputExponent = 18;  // so that an output is exact in WAD
inline constexpr std::uint32_t kMaxShift = 24;
inline constexpr std::uint32_t kMaxShiftOfInt8 = 16;
inline constexpr std::int64_t kMaxBias = std::int64_t{1} << 40;
inline constexpr std::int64_t kMaxCoefficient = std::int64_t{1} << 24;
inline constexpr std::int64_t kMaxChannelExponent = 15;
inline constexpr std::uint32_t kMaxNormalised = 1 << 16;
inline constexpr std::uint64_t kMaxEpsilon = (std::uint64_t{1} << 60) - 1;

}  // namespace valence::ml
