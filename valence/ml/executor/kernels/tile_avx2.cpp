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
        if (finish.sums) {
            write_sums(finish, sums[r], rows, r);
            continue;
        }
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

/// The sums of one row of a tile; the second vector is unused in narrow panels.
struct RowSums {
    __m256i first;
    __m256i second;
};

template <int Vectors>
[[gnu::target("avx2"), gnu::always_inline]] inline void clear(RowSums& sums) {
    sums.first = _mm256_setzero_si256();
    sums.second = _mm256_setzero_si256();
}

/// sum += products, in place and in this order: left to itself, g++ fetches all rows' pairs first and has no
/// registers left for the sums.
[[gnu::target("avx2"), gnu::always_inline]] inline void accumulate(__m256i& sum, const __m256i& products) {
    asm volatile("vpaddd %1, %0, %0" : "+x"(sum) : "x"(products));
}

/// Adds one pair of products to every lane.
template <int Vectors>
[[gnu::target("avx2"), gnu::always_inline]] inline void add_pair(RowSums& sums, const std::int16_t* x,
                                                                 const __m256i& first,
                                                                 const __m256i& second) {
    std::int32_t pair;
    std::memcpy(&pair, x, sizeof(pair));
    const __m256i both = _mm256_set1_epi32(pair);
    accumulate(sums.first, _mm256_madd_epi16(both, first));
    if constexpr (Vectors == 2) accumulate(sums.second, _mm256_madd_epi16(both, second));
}

template <int Vectors>
[[gnu::target("avx2"), gnu::always_inline]] inline void widen_row(RowSums& sums, std::int64_t* wide) {
    add_wide(wide, sums.first);
    if constexpr (Vectors == 2) add_wide(wide + 8, sums.second);
    clear<Vectors>(sums);
}

template <int Vectors>
[[gnu::target("avx2"), gnu::always_inline]] inline void finish_narrow(const RowSums& sums,
                                                                      const Finish& finish, std::int16_t* y) {
    const auto load = [](const std::int32_t* list) { return reinterpret_cast<const __m256i*>(list); };
    const std::int32_t* addend = finish.narrow_addend.data();
    const std::int32_t* right = finish.narrow_right.data();
    __m256i values[2];
    if constexpr (Vectors == 2) {
        if (finish.split) {
            const __m256i low =
                _mm256_srai_epi32(_mm256_add_epi32(sums.second, _mm256_load_si256(load(addend + 8))), 8);
            const __m256i high = _mm256_add_epi32(sums.first, _mm256_load_si256(load(addend)));
            values[0] = _mm256_srav_epi32(_mm256_add_epi32(high, low), _mm256_load_si256(load(right)));
            return write<1>(finish, values, y);
        }
    }
    values[0] = _mm256_srav_epi32(_mm256_add_epi32(sums.first, _mm256_load_si256(load(addend))),
                                  _mm256_load_si256(load(right)));
    if constexpr (Vectors == 2)
        values[1] = _mm256_srav_epi32(_mm256_add_epi32(sums.second, _mm256_load_si256(load(addend + 8))),
                                      _mm256_load_si256(load(right + 8)));
    write<Vectors>(finish, values, y);
}

// The rows are spelled out rather than looped over: only as variables of their own do their sums stay in
// registers.
template <int Rows, int Vectors, typename Weight>
[[gnu::target("avx2")]] void tile(const Panel& panel, const TileRows& rows) {
    RowSums s0, s1, s2, s3, s4, s5;
    clear<Vectors>(s0);
    clear<Vectors>(s1);
    clear<Vectors>(s2);
    clear<Vectors>(s3);
    clear<Vectors>(s4);
    clear<Vectors>(s5);
    alignas(32) Sums64 wide;
    bool widened = false;
    const auto* weights = static_cast<const Weight*>(panel.weights);
    const Finish& finish = *panel.finish;

    for (std::uint32_t k = 0; k < panel.stretch_count; ++k) {
        const Stretch& stretch = panel.stretches[k];
        const std::int16_t* x0 = rows.x[0] + stretch.offset;
        const std::int16_t* x1 = rows.x[Rows > 1 ? 1 : 0] + stretch.offset;
        const std::int16_t* x2 = rows.x[Rows > 2 ? 2 : 0] + stretch.offset;
        const std::int16_t* x3 = rows.x[Rows > 3 ? 3 : 0] + stretch.offset;
        const std::int16_t* x4 = rows.x[Rows > 4 ? 4 : 0] + stretch.offset;
        const std::int16_t* x5 = rows.x[Rows > 5 ? 5 : 0] + stretch.offset;
        const std::size_t end = std::size_t{2} * stretch.pairs;
        for (std::size_t p = 0; p < end; p += 2) {
            __m256i first;
            __m256i second = _mm256_setzero_si256();
            load_weights(first, weights);
            if constexpr (Vectors == 2) load_weights(second, weights + 16);
            weights += 16 * Vectors;
            add_pair<Vectors>(s0, x0 + p, first, second);
            if constexpr (Rows > 1) add_pair<Vectors>(s1, x1 + p, first, second);
            if constexpr (Rows > 2) add_pair<Vectors>(s2, x2 + p, first, second);
            if constexpr (Rows > 3) add_pair<Vectors>(s3, x3 + p, first, second);
            if constexpr (Rows > 4) add_pair<Vectors>(s4, x4 + p, first, second);
            if constexpr (Rows > 5) add_pair<Vectors>(s5, x5 + p, first, second);
        }
        const bool done = k + 1 == panel.stretch_count;
        if (!stretch.widen && !(done && !finish.narrow)) continue;
        if (!widened) std::memset(wide, 0, sizeof(wide[0]) * Rows);
        widened = true;
        widen_row<Vectors>(s0, wide[0]);
        if constexpr (Rows > 1) widen_row<Vectors>(s1, wide[1]);
        if constexpr (Rows > 2) widen_row<Vectors>(s2, wide[2]);
        if constexpr (Rows > 3) widen_row<Vectors>(s3, wide[3]);
        if constexpr (Rows > 4) widen_row<Vectors>(s4, wide[4]);
        if constexpr (Rows > 5) widen_row<Vectors>(s5, wide[5]);
    }

    if (!finish.narrow) return finish_wide(finish, wide, rows, Vectors);
    finish_narrow<Vectors>(s0, finish, rows.y[0]);
    if constexpr (Rows > 1) finish_narrow<Vectors>(s1, finish, rows.y[1]);
    if constexpr (Rows > 2) finish_narrow<Vectors>(s2, finish, rows.y[2]);
    if constexpr (Rows > 3) finish_narrow<Vectors>(s3, finish, rows.y[3]);
    if constexpr (Rows > 4) finish_narrow<Vectors>(s4, finish, rows.y[4]);
    if constexpr (Rows > 5) finish_narrow<Vectors>(s5, finish, rows.y[5]);
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
