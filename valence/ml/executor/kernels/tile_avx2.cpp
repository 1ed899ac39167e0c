#include "valence/ml/executor/kernels/tile.hpp"

#if defined(__x86_64__)

#include <cstring>

#include <immintrin.h>

// Bound: two vpmaddwd a cycle (Zen 2 and later, Intel since Haswell) are 32 products; six rows of 16 lanes
// need 12 accumulators, 2 weight vectors and a broadcast, which is all 16 registers.
namespace valence::ml::executor {
namespace {

using Sums64 = std::int64_t[kTileRows][kLanes];

[[gnu::target("avx2"), gnu::always_inline]] inline void load_weights(__m256i& to, const std::int16_t* from) {
    to = _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
}
[[gnu::target("avx2"), gnu::always_inline]] inline void load_weights(__m256i& to, const std::int8_t* from) {
    to = _mm256_cvtepi8_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(from)));
}

[[gnu::target("avx2"), gnu::always_inline]] inline void add_wide(std::int64_t* sums, const __m256i& narrow) {
    auto* at = reinterpret_cast<__m256i*>(sums);
    const __m256i low = _mm256_cvtepi32_epi64(_mm256_castsi256_si128(narrow));
    const __m256i high = _mm256_cvtepi32_epi64(_mm256_extracti128_si256(narrow, 1));
    _mm256_store_si256(at, _mm256_add_epi64(_mm256_load_si256(at), low));
    _mm256_store_si256(at + 1, _mm256_add_epi64(_mm256_load_si256(at + 1), high));
}

/// Writes `count` of the 8·Vectors activations, through the table if there is one.
template <int Vectors>
[[gnu::target("avx2"), gnu::always_inline]] inline void write(const Finish& finish, const __m256i* values,
                                                              std::int16_t* y) {
    const __m256i low = _mm256_set1_epi16(finish.low);
    const __m256i high = _mm256_set1_epi16(finish.high);
    __m256i packed = _mm256_packs_epi32(values[0], values[Vectors - 1]);
    packed = _mm256_permute4x64_epi64(packed, 0b11'01'10'00);
    packed = _mm256_min_epi16(_mm256_max_epi16(packed, low), high);
    if (finish.table == nullptr && finish.channels == 8 * Vectors) {
        if constexpr (Vectors == 2)
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(y), packed);
        else
            _mm_storeu_si128(reinterpret_cast<__m128i*>(y), _mm256_castsi256_si128(packed));
        return;
    }
    alignas(32) std::int16_t all[kLanes];
    _mm256_store_si256(reinterpret_cast<__m256i*>(all), packed);
    if (finish.table == nullptr) {
        std::memcpy(y, all, finish.channels * sizeof(std::int16_t));
        return;
    }
    for (std::uint32_t channel = 0; channel < finish.channels; ++channel)
        y[channel] = finish.table[static_cast<std::uint16_t>(all[channel])];
}

/// 4 sums of 64 bits, shifted; a validated graph's results fit 32 bits (requantise.hpp), in the low halves.
[[gnu::target("avx2"), gnu::always_inline]] inline void shift_wide(__m256i& sum, const Finish& finish,
                                                                   std::size_t lane) {
    const auto at = [&](const std::int64_t* list) { return reinterpret_cast<const __m256i*>(list + lane); };
    const __m256i offset = _mm256_set1_epi64x(std::int64_t{1} << 62);
    const __m256i right = _mm256_load_si256(at(finish.right.data()));
    sum = _mm256_add_epi64(sum, _mm256_load_si256(at(finish.addend.data())));
    sum = _mm256_srlv_epi64(_mm256_add_epi64(sum, offset), right);
    sum = _mm256_sub_epi64(sum, _mm256_srlv_epi64(offset, right));
    sum = _mm256_sllv_epi64(sum, _mm256_load_si256(at(finish.left.data())));
}

/// The low halves of 8 64-bit numbers in two vectors.
[[gnu::target("avx2"), gnu::always_inline]] inline __m256i low_halves(const __m256i& a, const __m256i& b) {
    const __m256i mixed =
        _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), 0b10'00'10'00));
    return _mm256_permute4x64_epi64(mixed, 0b11'01'10'00);
}

[[gnu::target("avx2"), gnu::always_inline]] inline __m256i finish_wide_vector(const std::int64_t* sums,
                                                                              const Finish& finish,
                                                                              std::size_t lane) {
    __m256i parts[2];
    for (int half = 0; half < 2; ++half) {
        const std::size_t at = lane + 4 * static_cast<std::size_t>(half);
        parts[half] = _mm256_load_si256(reinterpret_cast<const __m256i*>(sums + at));
        if (finish.split)
            parts[half] =
                _mm256_add_epi64(_mm256_slli_epi64(parts[half], 8),
                                 _mm256_load_si256(reinterpret_cast<const __m256i*>(sums + at + 8)));
        shift_wide(parts[half], finish, at);
    }
    return low_halves(parts[0], parts[1]);
}

[[gnu::target("avx2"), gnu::noinline]] void finish_wide(const Finish& finish, const Sums64& sums,
                                                        const TileRows& rows, int vectors) {
    for (std::size_t r = 0; r < rows.count; ++r) {
        __m256i values[2];
        values[0] = finish_wide_vector(sums[r], finish, 0);
        if (vectors == 2 && !finish.split) {
            values[1] = finish_wide_vector(sums[r], finish, 8);
            write<2>(finish, values, rows.y[r]);
        } else {
            write<1>(finish, values, rows.y[r]);
        }
    }
}

template <int Rows, int Vectors, typename Weight>
[[gnu::target("avx2")]] void tile(const Panel& panel, const TileRows& rows) {
    __m256i sums[Rows][Vectors];
    for (int r = 0; r < Rows; ++r)
        for (int v = 0; v < Vectors; ++v)
            sums[r][v] = _mm256_setzero_si256();
    alignas(32) Sums64 wide;
    bool widened = false;

    const auto* weights = static_cast<const Weight*>(panel.weights);
    for (std::uint32_t k = 0; k < panel.stretch_count; ++k) {
        const Stretch& stretch = panel.stretches[k];
        const std::int16_t* x[Rows];
        for (int r = 0; r < Rows; ++r)
            x[r] = rows.x[static_cast<std::size_t>(r)] + stretch.offset;
        for (std::size_t p = 0; p < stretch.pairs; ++p) {
            __m256i w[Vectors];
            for (int v = 0; v < Vectors; ++v)
                load_weights(w[v], weights + 16 * v);
            weights += 16 * Vectors;
            for (int r = 0; r < Rows; ++r) {
                std::int32_t pair;
                std::memcpy(&pair, x[r] + 2 * p, sizeof(pair));
                const __m256i both = _mm256_set1_epi32(pair);
                for (int v = 0; v < Vectors; ++v)
                    sums[r][v] = _mm256_add_epi32(sums[r][v], _mm256_madd_epi16(both, w[v]));
            }
        }
        if (!stretch.widen) continue;
        if (!widened) std::memset(wide, 0, sizeof(wide[0]) * Rows);
        widened = true;
        for (std::size_t r = 0; r < Rows; ++r) {
            for (std::size_t v = 0; v < Vectors; ++v) {
                add_wide(&wide[r][8 * v], sums[r][v]);
                sums[r][v] = _mm256_setzero_si256();
            }
        }
    }

    const Finish& finish = *panel.finish;
    if (finish.narrow) {
        for (std::size_t r = 0; r < Rows; ++r) {
            for (std::size_t v = 0; v < Vectors; ++v) {
                const auto at = [&](const std::int32_t* list) {
                    return reinterpret_cast<const __m256i*>(list + 8 * v);
                };
                sums[r][v] = _mm256_srav_epi32(
                    _mm256_add_epi32(sums[r][v], _mm256_load_si256(at(finish.narrow_addend.data()))),
                    _mm256_load_si256(at(finish.narrow_right.data())));
            }
            write<Vectors>(finish, sums[r], rows.y[r]);
        }
        return;
    }
    if (!widened) std::memset(wide, 0, sizeof(wide[0]) * Rows);
    for (std::size_t r = 0; r < Rows; ++r)
        for (std::size_t v = 0; v < Vectors; ++v)
            add_wide(&wide[r][8 * v], sums[r][v]);
    finish_wide(finish, wide, rows, Vectors);
}

template <int Vectors, typename Weight>
TileFunction by_rows(std::size_t rows) {
    static constexpr std::array<TileFunction, kTileRows> kTiles{
        tile<1, Vectors, Weight>, tile<2, Vectors, Weight>, tile<3, Vectors, Weight>,
        tile<4, Vectors, Weight>, tile<5, Vectors, Weight>, tile<6, Vectors, Weight>};
    return kTiles[rows - 1];
}

}  // namespace

void tile_avx2(const Panel& panel, const TileRows& rows) {
    TileFunction function = nullptr;
    if (panel.vectors == 2)
        function = panel.weight_bytes == 2 ? by_rows<2, std::int16_t>(rows.count)
                                           : by_rows<2, std::int8_t>(rows.count);
    else
        function = panel.weight_bytes == 2 ? by_rows<1, std::int16_t>(rows.count)
                                           : by_rows<1, std::int8_t>(rows.count);
    function(panel, rows);
}

}  // namespace valence::ml::executor

#endif
