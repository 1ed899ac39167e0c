// Depthwise convolution: every channel by itself, 16 next to each other. Taps are taken in pairs, whose
// activations are interleaved channel by channel, so that one vpmaddwd adds two taps to 8 channels; the sums
// must fit 32 bits, whole or as halves of split weights (tile.hpp), or the convolution is planned otherwise.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "valence/ml/executor/instruction_set.hpp"
#include "valence/ml/graph/operation.hpp"

namespace valence::ml::executor {

inline constexpr std::size_t kDepthwiseChannels = 16;

/// Place of a channel of a block in the vectors that interleaving makes: 0…3, 8…11, 4…7, 12…15.
constexpr std::size_t interleaved_lane(std::size_t channel) {
    return (channel & 3) + ((channel & 8) >> 1) + ((channel & 4) << 1);
}

/// 16 channels. The arrays are in the order of interleaved_lane.
struct DepthwiseBlock {
    /// [pairs][32] weights of direct blocks, [pairs][64] of split ones (h, then l).
    const std::int16_t* weights = nullptr;
    bool split = false;
    std::uint32_t channels = kDepthwiseChannels;  // written
    alignas(32) std::array<std::int32_t, kDepthwiseChannels> addend{};
    alignas(32) std::array<std::int32_t, kDepthwiseChannels> low_addend{};  // of the l sums
    alignas(32) std::array<std::int32_t, kDepthwiseChannels> right{};
};

struct Depthwise {
    /// Elements from a window's first activation to each tap's; an even number of them.
    std::vector<std::uint32_t> taps;
    std::vector<DepthwiseBlock> blocks;
    std::int16_t low = -32768;
    std::int16_t high = 32767;
    const std::int16_t* table = nullptr;
};

/// A row of output pixels: windows begin at x, x + x_stride, …; outputs at y, y + y_stride, …
struct DepthwiseRow {
    const std::int16_t* x = nullptr;
    std::int16_t* y = nullptr;
    std::ptrdiff_t x_stride = 0;
    std::ptrdiff_t y_stride = 0;
    std::size_t pixels = 0;
};

void depthwise_row(const Depthwise& layer, const DepthwiseRow& row, InstructionSet instructions);

}  // namespace valence::ml::executor
