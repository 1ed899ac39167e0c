// Eight field elements at a time, loose and tight as in goldilocks_avx2.hpp. Comparisons give masks, so that
// carries cost two instructions. Included by sources for AVX-512 alone.
#pragma once

#if defined(__x86_64__)

#include <cstdint>

#include <immintrin.h>

#include "valence/zk/protocol/field/goldilocks.hpp"

#define VALENCE_AVX512_TARGET [[gnu::target("avx2,avx512f,avx512dq,avx512bw,avx512vl")]]
#define VALENCE_AVX512 VALENCE_AVX512_TARGET [[gnu::always_inline]] inline

namespace valence::zk::avx512 {

VALENCE_AVX512 __m512i broadcast(std::uint64_t word) {
    return _mm512_set1_epi64(static_cast<long long>(word));
}

/// Loose to tight: from p on, p less, which is ε more modulo 2^64 and the smaller one of the two.
VALENCE_AVX512 __m512i tighten(__m512i loose) {
    return _mm512_min_epu64(loose, _mm512_add_epi64(loose, broadcast(Goldilocks::kEpsilon)));
}

/// Loose + tight, loose: after a carry the sum is below p, so that ε cannot carry again.
VALENCE_AVX512 __m512i add(__m512i loose, __m512i tight) {
    const __m512i sum = _mm512_add_epi64(loose, tight);
    return _mm512_mask_add_epi64(sum, _mm512_cmplt_epu64_mask(sum, tight), sum,
                                 broadcast(Goldilocks::kEpsilon));
}

/// Loose − tight, loose.
VALENCE_AVX512 __m512i subtract(__m512i loose, __m512i tight) {
    const __m512i difference = _mm512_sub_epi64(loose, tight);
    return _mm512_mask_sub_epi64(difference, _mm512_cmplt_epu64_mask(loose, tight), difference,
                                 broadcast(Goldilocks::kEpsilon));
}

/// The remainder, loose, of high·2^64 + low (Goldilocks::reduce).
VALENCE_AVX512 __m512i reduce(__m512i high, __m512i low) {
    return add(subtract(low, _mm512_srli_epi64(high, 32)),
               _mm512_mul_epu32(high, broadcast(Goldilocks::kEpsilon)));
}

/// Loose × loose, loose.
VALENCE_AVX512 __m512i multiply(__m512i a, __m512i b) {
    const __m512i a_high = _mm512_srli_epi64(a, 32);
    const __m512i b_high = _mm512_srli_epi64(b, 32);
    const __m512i low_low = _mm512_mul_epu32(a, b);
    const __m512i low_high = _mm512_mul_epu32(a, b_high);
    const __m512i high_low = _mm512_mul_epu32(a_high, b);
    const __m512i high_high = _mm512_mul_epu32(a_high, b_high);
    const __m512i first = _mm512_add_epi64(high_low, _mm512_srli_epi64(low_low, 32));
    const __m512i second =
        _mm512_add_epi64(low_high, _mm512_and_si512(first, broadcast(Goldilocks::kEpsilon)));
    const __m512i high = _mm512_add_epi64(_mm512_add_epi64(high_high, _mm512_srli_epi64(first, 32)),
                                          _mm512_srli_epi64(second, 32));
    const __m512i low = _mm512_mask_shuffle_epi32(low_low, 0b1010101010101010, second, _MM_PERM_CCAA);
    return reduce(high, low);
}

/// Loose × 2^48, a primitive fourth root of unity, loose.
VALENCE_AVX512 __m512i multiply_by_fourth_root(__m512i a) {
    return reduce(_mm512_srli_epi64(a, 16), _mm512_slli_epi64(a, 48));
}

}  // namespace valence::zk::avx512

#endif
