// Four field elements at a time. "Loose" words are any 64 bits and stand for their remainder; "tight" ones
// are canonical, below p. Sums want one tight operand, products take and give anything, so that a butterfly
// tightens one word only. Included by sources for AVX2 alone.
#pragma once

#if defined(__x86_64__)

#include <cstdint>

#include <immintrin.h>

#include "valence/zk/protocol/field/goldilocks.hpp"

#define VALENCE_AVX2 [[gnu::target("avx2"), gnu::always_inline]] inline

namespace valence::zk::avx2 {

VALENCE_AVX2 __m256i load(const void* from) { return _mm256_loadu_si256(static_cast<const __m256i*>(from)); }
VALENCE_AVX2 void store(void* to, __m256i words) { _mm256_storeu_si256(static_cast<__m256i*>(to), words); }
VALENCE_AVX2 __m256i broadcast(std::uint64_t word) {
    return _mm256_set1_epi64x(static_cast<long long>(word));
}

/// AVX2 compares signed words only: with the top bit flipped, signed order is the unsigned one.
VALENCE_AVX2 __m256i flip(__m256i words) {
    return _mm256_xor_si256(words, broadcast(std::uint64_t{1} << 63));
}
/// 2^64 ≡ ε = 2^32 − 1 for each all-ones word.
VALENCE_AVX2 __m256i epsilon_where(__m256i mask) { return _mm256_srli_epi64(mask, 32); }

/// Loose to tight: from p on, p less, which is ε more modulo 2^64.
VALENCE_AVX2 __m256i tighten(__m256i loose) {
    const __m256i limit = broadcast((Goldilocks::kModulus - 1) ^ (std::uint64_t{1} << 63));
    return _mm256_add_epi64(loose, epsilon_where(_mm256_cmpgt_epi64(flip(loose), limit)));
}

/// Loose + tight, loose: after a carry the sum is below p, so that ε cannot carry again.
VALENCE_AVX2 __m256i add(__m256i loose, __m256i tight) {
    const __m256i flipped = flip(loose);
    const __m256i sum = _mm256_add_epi64(flipped, tight);
    return _mm256_add_epi64(flip(sum), epsilon_where(_mm256_cmpgt_epi64(flipped, sum)));
}

/// Loose − tight, loose.
VALENCE_AVX2 __m256i subtract(__m256i loose, __m256i tight) {
    const __m256i flipped = flip(loose);
    const __m256i difference = _mm256_sub_epi64(flipped, tight);
    return _mm256_sub_epi64(flip(difference), epsilon_where(_mm256_cmpgt_epi64(difference, flipped)));
}

/// The remainder, loose, of high·2^64 + low (Goldilocks::reduce).
VALENCE_AVX2 __m256i reduce(__m256i high, __m256i low) {
    const __m256i flipped = flip(low);
    const __m256i less = _mm256_sub_epi64(flipped, _mm256_srli_epi64(high, 32));
    const __m256i borrowed = _mm256_sub_epi64(less, epsilon_where(_mm256_cmpgt_epi64(less, flipped)));
    const __m256i middle = _mm256_mul_epu32(high, broadcast(Goldilocks::kEpsilon));
    const __m256i sum = _mm256_add_epi64(borrowed, middle);
    return _mm256_add_epi64(flip(sum), epsilon_where(_mm256_cmpgt_epi64(borrowed, sum)));
}

/// Loose × loose, loose.
VALENCE_AVX2 __m256i multiply(__m256i a, __m256i b) {
    const __m256i a_high = _mm256_castps_si256(_mm256_movehdup_ps(_mm256_castsi256_ps(a)));
    const __m256i b_high = _mm256_castps_si256(_mm256_movehdup_ps(_mm256_castsi256_ps(b)));
    const __m256i low_low = _mm256_mul_epu32(a, b);
    const __m256i low_high = _mm256_mul_epu32(a, b_high);
    const __m256i high_low = _mm256_mul_epu32(a_high, b);
    const __m256i high_high = _mm256_mul_epu32(a_high, b_high);
    const __m256i first = _mm256_add_epi64(high_low, _mm256_srli_epi64(low_low, 32));
    const __m256i second =
        _mm256_add_epi64(low_high, _mm256_and_si256(first, broadcast(Goldilocks::kEpsilon)));
    const __m256i high = _mm256_add_epi64(_mm256_add_epi64(high_high, _mm256_srli_epi64(first, 32)),
                                          _mm256_srli_epi64(second, 32));
    const __m256i low = _mm256_blend_epi32(low_low, _mm256_slli_epi64(second, 32), 0b10101010);
    return reduce(high, low);
}

/// Loose × 2^48, a primitive fourth root of unity, loose.
VALENCE_AVX2 __m256i multiply_by_fourth_root(__m256i a) {
    return reduce(_mm256_srli_epi64(a, 16), _mm256_slli_epi64(a, 48));
}

/// The sum, loose, of a tight word and a signed one of absolute value below 2^63.
VALENCE_AVX2 __m256i add_signed(__m256i tight, __m256i integers) {
    const __m256i negative = _mm256_cmpgt_epi64(_mm256_setzero_si256(), integers);
    const __m256i modulus = broadcast(Goldilocks::kModulus);
    return add(tight, _mm256_add_epi64(integers, _mm256_and_si256(negative, modulus)));
}

}  // namespace valence::zk::avx2

#endif
