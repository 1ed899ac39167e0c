#include "valence/zk/prover/kernels/digit_sums.hpp"
#include "valence/zk/prover/kernels/goldilocks_avx2.hpp"

#if defined(__x86_64__)

// Bound: one vpmaddwd and one vpaddd for 8 columns of two rows and a digit: with 8 digits an instruction a
// value, at one vpmaddwd a cycle two values a cycle.
namespace valence::zk {
namespace {

using namespace avx2;

template <std::size_t Digits>
VALENCE_AVX2 void sum_tile(const Tile& tile, const TileCoefficients<Digits>& coefficients, std::size_t pairs,
                           TileSums<Digits>& to) {
    for (std::size_t column = 0; column < kTileColumns; column += 8) {
        __m256i sums[Digits];
        for (__m256i& sum : sums)
            sum = _mm256_setzero_si256();
        for (std::size_t pair = 0; pair < pairs; ++pair) {
            const __m256i values = load(&tile.values[(pair * kTileColumns + column) * 2]);
            for (std::size_t digit = 0; digit < Digits; ++digit) {
                const __m256i by = load(&coefficients.digits[(pair * Digits + digit) * 16]);
                sums[digit] = _mm256_add_epi32(sums[digit], _mm256_madd_epi16(values, by));
            }
        }
        for (std::size_t digit = 0; digit < Digits; ++digit)
            store(&to.sums[digit * kTileColumns + column], sums[digit]);
    }
}

VALENCE_AVX2 __m256i four_wide(const std::int32_t* from) {
    return _mm256_cvtepi32_epi64(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}

template <std::size_t Digits>
VALENCE_AVX2 void contract(const std::int8_t* values, std::span<const std::int16_t> digits,
                           std::span<std::int64_t, Digits> to) {
    // Two products of at most 2^22 are added to each of eight lanes in each step: the total of 31 steps stays
    // below 2^31.
    constexpr std::size_t kSteps = 31;
    const std::size_t steps = digits.size() / (Digits * kContractionStep);
    for (std::size_t first = 0; first < steps; first += kSteps) {
        const std::size_t last = first + kSteps < steps ? first + kSteps : steps;
        __m256i sums[Digits];
        for (__m256i& sum : sums)
            sum = _mm256_setzero_si256();
        for (std::size_t step = first; step < last; ++step) {
            const auto* at = reinterpret_cast<const __m128i*>(values + step * kContractionStep);
            const __m256i wide = _mm256_cvtepi8_epi16(_mm_loadu_si128(at));
            const std::int16_t* by = &digits[step * Digits * kContractionStep];
            for (std::size_t digit = 0; digit < Digits; ++digit) {
                const __m256i products = _mm256_madd_epi16(wide, load(by + digit * kContractionStep));
                sums[digit] = _mm256_add_epi32(sums[digit], products);
            }
        }
        for (std::size_t digit = 0; digit < Digits; digit += kDigits) {
            const __m256i pairs = _mm256_hadd_epi32(_mm256_hadd_epi32(sums[digit], sums[digit + 1]),
                                                    _mm256_hadd_epi32(sums[digit + 2], sums[digit + 3]));
            const __m128i totals =
                _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
            store(&to[digit], _mm256_add_epi64(load(&to[digit]), _mm256_cvtepi32_epi64(totals)));
        }
    }
}

}  // namespace

[[gnu::target("avx2")]] void contract_avx2(const std::int8_t* values, std::span<const std::int16_t> digits,
                                           std::span<std::int64_t, 8> sums) {
    contract<8>(values, digits, sums);
}
[[gnu::target("avx2")]] void contract_avx2(const std::int8_t* values, std::span<const std::int16_t> digits,
                                           std::span<std::int64_t, 12> sums) {
    contract<12>(values, digits, sums);
}

[[gnu::target("avx2")]] void sum_tile_avx2(const Tile& tile, const TileCoefficients<8>& coefficients,
                                           std::size_t pairs, TileSums<8>& to) {
    sum_tile(tile, coefficients, pairs, to);
}
[[gnu::target("avx2")]] void sum_tile_avx2(const Tile& tile, const TileCoefficients<12>& coefficients,
                                           std::size_t pairs, TileSums<12>& to) {
    sum_tile(tile, coefficients, pairs, to);
}

[[gnu::target("avx2")]] void add_digit_sums_avx2(const std::int32_t* low, const std::int32_t* high,
                                                 Goldilocks* to, std::size_t stride) {
    alignas(32) std::uint64_t words[4];
    for (std::size_t column = 0; column < kTileColumns; column += 4) {
        __m256i digit[kDigits];
        for (std::size_t i = 0; i < kDigits; ++i) {
            digit[i] = four_wide(low + i * kTileColumns + column);
            if (high != nullptr)
                digit[i] = _mm256_add_epi64(
                    digit[i], _mm256_slli_epi64(four_wide(high + i * kTileColumns + column), 8));
        }
        // Digits are below 2^37: even + 2^32·odd with |even|, |odd| < 2^54. Then odd = 2^32·h + l, 0 ≤ l <
        // 2^32, and 2^32·odd ≡ ε·h + 2^32·l, where 2^32·l < p. The bias makes h's shift a signed one.
        const __m256i even = _mm256_add_epi64(digit[0], _mm256_slli_epi64(digit[1], 16));
        const __m256i odd = _mm256_add_epi64(digit[2], _mm256_slli_epi64(digit[3], 16));
        const __m256i biased = _mm256_add_epi64(odd, broadcast(std::uint64_t{1} << 62));
        const __m256i h = _mm256_sub_epi64(_mm256_srli_epi64(biased, 32), broadcast(std::uint64_t{1} << 30));
        const __m256i rest = _mm256_add_epi64(even, _mm256_sub_epi64(_mm256_slli_epi64(h, 32), h));
        const __m256i sum = tighten(add_signed(_mm256_slli_epi64(odd, 32), rest));
        _mm256_store_si256(reinterpret_cast<__m256i*>(words), sum);
        for (std::size_t i = 0; i < 4; ++i)
            to[(column + i) * stride] += Goldilocks(words[i]);
    }
}

[[gnu::target("avx2")]] void fill_pair_avx2(const std::int8_t* first, const std::int8_t* second,
                                            std::int16_t* low) {
    for (std::size_t column = 0; column < kTileColumns; column += 16) {
        const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(first + column));
        const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(second + column));
        store(low + 2 * column, _mm256_cvtepi8_epi16(_mm_unpacklo_epi8(a, b)));
        store(low + 2 * column + 16, _mm256_cvtepi8_epi16(_mm_unpackhi_epi8(a, b)));
    }
}

[[gnu::target("avx2")]] void fill_pair_avx2(const std::int16_t* first, const std::int16_t* second,
                                            std::int16_t* low, std::int16_t* high) {
    for (std::size_t column = 0; column < kTileColumns; column += 8) {
        const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(first + column));
        const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(second + column));
        const __m256i values = _mm256_set_m128i(_mm_unpackhi_epi16(a, b), _mm_unpacklo_epi16(a, b));
        const __m256i small = _mm256_srai_epi16(_mm256_slli_epi16(values, 8), 8);
        // (value − low)/256, between −128 and 128: the subtraction may wrap for values from 2^15 − 128 on.
        const __m256i large = _mm256_srai_epi16(values, 8);
        store(low + 2 * column, small);
        store(high + 2 * column, _mm256_sub_epi16(large, _mm256_srai_epi16(small, 15)));
    }
}

}  // namespace valence::zk

#endif
