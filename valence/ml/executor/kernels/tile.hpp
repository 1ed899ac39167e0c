// The kernel under Linear, Convolution and MatrixProduct: a few rows of activations times one panel of packed
// weights, exact, requantised.
//
// A panel holds 8 or 16 lanes. For every pair of products p and lane l it stores the two weights
// (w[2p], w[2p + 1]) next to each other, so that one vpmaddwd adds a pair of products to each of 8 lanes.
// Sums are kept in 32 bits, where wrapping does no harm as long as the sum of a stretch is one that 32 bits
// can hold; packed_matrix.cpp places the points where they move on to 64 bits so that it always is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "valence/ml/executor/instruction_set.hpp"

namespace valence::ml::executor {

inline constexpr std::size_t kTileRows = 6;
inline constexpr std::size_t kLanes = 16;

/// Pairs of products of which the activations follow each other.
struct Stretch {
    std::uint32_t offset = 0;  // of the first activation, in elements from the row's address
    std::uint32_t pairs = 0;
    bool widen = false;  // after it the 32-bit sums are added to the 64-bit ones
    bool operator==(const Stretch&) const = default;
};

/// How a panel's sums become activations. For a channel of shift s and exponent e, with r = s − e:
///     r > 0: (sum + bias + 2^(r−1)) >> r        r ≤ 0: (sum + bias) << −r
/// which is the graph's formula with 2^e taken out of it; then the clamp, then the table if there is one.
struct Finish {
    alignas(32) std::array<std::int64_t, kLanes> addend{};
    alignas(32) std::array<std::int64_t, kLanes> right{};
    alignas(32) std::array<std::int64_t, kLanes> left{};
    /// The same in 32 bits, for panels whose sums and addends are known to fit; there r ≥ 0. Split panels
    /// have r ≥ 8 there: with addend = 256·a + b, 0 ≤ b < 256, lanes 0…7 hold a and r − 8, lanes 8…15 hold b,
    /// and
    ///     (256·h + l + addend) >> r = (h + a + ((l + b) >> 8)) >> (r − 8)
    alignas(32) std::array<std::int32_t, kLanes> narrow_addend{};
    alignas(32) std::array<std::int32_t, kLanes> narrow_right{};
    bool narrow = false;
    /// Weights are split into 256·h + l: lanes 0…7 sum h·x, lanes 8…15 sum l·x of the same 8 channels.
    bool split = false;
    std::uint32_t channels = 0;  // activations written per row
    std::int16_t low = -32768;
    std::int16_t high = 32767;
    const std::int16_t* table = nullptr;
    /// The sums themselves are wanted, in TileRows::sums: of the above, `split` and `channels` count.
    bool sums = false;
};

struct Panel {
    const void* weights = nullptr;  // int8 or int16 pairs, [pairs][8·vectors][2], 32-byte aligned
    const Stretch* stretches = nullptr;
    std::uint32_t stretch_count = 0;
    std::uint8_t vectors = 2;       // lanes / 8
    std::uint8_t weight_bytes = 2;  // 1 or 2
    const Finish* finish = nullptr;
    std::ptrdiff_t x_offset = 0;  // elements from a row's address to the panel's inputs (groups)
    std::ptrdiff_t y_offset = 0;  // and to its outputs
};

/// 1 … kTileRows rows; addresses with the panel's offsets already added.
struct TileRows {
    std::size_t count = 0;
    std::array<const std::int16_t*, kTileRows> x{};
    std::array<std::int16_t*, kTileRows> y{};
    /// For panels of which the sums are wanted: those of a row's channels, `sum_stride` apart.
    std::array<std::int64_t*, kTileRows> sums{};
    std::size_t sum_stride = 1;
};

/// Writes a row's sums from those of its lanes.
inline void write_sums(const Finish& finish, const std::int64_t* lanes, const TileRows& rows,
                       std::size_t row) {
    for (std::uint32_t channel = 0; channel < finish.channels; ++channel)
        rows.sums[row][channel * rows.sum_stride] =
            finish.split ? 256 * lanes[channel] + lanes[channel + 8] : lanes[channel];
}

using TileFunction = void (*)(const Panel&, const TileRows&);

void tile_portable(const Panel& panel, const TileRows& rows);
#if defined(__x86_64__)
void tile_avx2(const Panel& panel, const TileRows& rows);
#endif

inline TileFunction tile_function(InstructionSet instructions) {
#if defined(__x86_64__)
    if (instructions == InstructionSet::avx2) return tile_avx2;
#endif
    (void)instructions;
    return tile_portable;
}

}  // namespace valence::ml::executor
