// Field elements as four balanced digits to base 2^16, and sums of products of such digits with small
// integers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "valence/zk/protocol/field/goldilocks.hpp"

namespace valence::zk {

inline constexpr std::size_t kDigits = 4;

/// Σ_i digits[i]·2^(16 i) ≡ element, −2^15 ≤ digit < 2^15.
constexpr std::array<std::int16_t, kDigits> balanced_digits(Goldilocks element) {
    // The largest number four such digits reach; what is above it is taken as element − p, which is not below
    // the smallest one, −0x8000800080008000.
    constexpr std::uint64_t kLargest = 0x7fff7fff7fff7fff;
    std::uint64_t rest =
        element.value() <= kLargest ? element.value() : element.value() - Goldilocks::kModulus;
    std::array<std::int16_t, kDigits> digits{};
    for (std::int16_t& digit : digits) {
        digit = static_cast<std::int16_t>(rest & 0xffff);
        // Exact, modulo 2^64; the quotient of the signed number.
        rest = static_cast<std::uint64_t>(
            static_cast<std::int64_t>(rest - static_cast<std::uint64_t>(std::int64_t{digit})) >> 16);
    }
    return digits;
}

/// Rows of a tile come in pairs, columns are taken eight at a time.
inline constexpr std::size_t kTilePairs = 32;
inline constexpr std::size_t kTileColumns = 128;

/// values[pair][column][2]: two rows of small integers, |value| ≤ 128, next to each other.
struct Tile {
    alignas(32) std::array<std::int16_t, kTilePairs * kTileColumns * 2> values;
};

/// digits[pair][digit][8][2]: for each pair of rows and each digit, the two rows' digits, eight times over.
/// `Digits` is 4 for each coefficient of an extension element.
template <std::size_t Digits>
struct TileCoefficients {
    alignas(32) std::array<std::int16_t, kTilePairs * Digits * 16> digits;
};

/// sums[digit][column] = Σ over pairs; at most 2·32·128·2^15 = 2^28 in absolute value.
template <std::size_t Digits>
struct TileSums {
    alignas(32) std::array<std::int32_t, Digits * kTileColumns> sums;
};

/// Columns taken at a time by contract_avx2.
inline constexpr std::size_t kContractionStep = 16;

#if defined(__x86_64__)
/// sums[d] += Σ_j values[j]·digits[j / 16][d][j % 16]; |sum| < 2^22 times the number of values.
void contract_avx2(const std::int8_t* values, std::span<const std::int16_t> digits,
                   std::span<std::int64_t, 8> sums);
void contract_avx2(const std::int8_t* values, std::span<const std::int16_t> digits,
                   std::span<std::int64_t, 12> sums);

void sum_tile_avx2(const Tile& tile, const TileCoefficients<8>& coefficients, std::size_t pairs,
                   TileSums<8>& to);
void sum_tile_avx2(const Tile& tile, const TileCoefficients<12>& coefficients, std::size_t pairs,
                   TileSums<12>& to);
/// to[c·stride] += Σ_i (low[i][c] + 256·high[i][c])·2^(16 i) for the four digits of one coefficient; `high`
/// may be null.
void add_digit_sums_avx2(const std::int32_t* low, const std::int32_t* high, Goldilocks* to,
                         std::size_t stride);
/// A pair of rows of `count` values into a tile, int16 values split into 256·high + low, −128 ≤ low < 128.
void fill_pair_avx2(const std::int8_t* first, const std::int8_t* second, std::int16_t* low);
void fill_pair_avx2(const std::int16_t* first, const std::int16_t* second, std::int16_t* low,
                    std::int16_t* high);
#endif

}  // namespace valence::zk
