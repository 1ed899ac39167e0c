// Four elements of E at a time with AVX2. Only for files compiled for it, and without calling any inline
// function that other files may share: the linker could keep the AVX2 copy for machines without it.
//
// A word is a pair of 32-bit limbs, word = low + φ·high with φ = 2^32; φ² = φ − 1 and φ³ = −1 modulo p. A
// product of words is four products of limbs, which are cut in halves and added up in two counters, x + φ·y.
// Counters stay small, so that sums of many products are reduced once.
//
// Elements lie interleaved, c[0] c[1] c[0] c[1] …; in registers coefficients are apart, and lanes in whatever
// order costs least to get there: (0, 2, 1, 3) in degree 2, (0, 3, 2, 1) in degree 3.
#pragma once

#include <immintrin.h>

#include "valence/zk/prover/polynomial/multiplier.hpp"

namespace valence::zk {

/// Counters of one unreduced word in each lane.
struct Avx2Counters {
    __m256i x;
    __m256i y;
};

/// Words modulo p in each lane, always canonical.
struct Avx2Words {
    [[gnu::always_inline]] static __m256i constant(std::uint64_t word) {
        return _mm256_set1_epi64x(static_cast<long long>(word));
    }
    [[gnu::always_inline]] static __m256i low_half(__m256i a) {
        return _mm256_and_si256(a, constant(0xffffffff));
    }
    [[gnu::always_inline]] static __m256i high_half(__m256i a) { return _mm256_srli_epi64(a, 32); }

    [[gnu::always_inline]] static __m256i subtract(__m256i a, __m256i b) {
        const __m256i sign = constant(std::uint64_t{1} << 63);
        const __m256i borrow = _mm256_cmpgt_epi64(_mm256_xor_si256(b, sign), _mm256_xor_si256(a, sign));
        return _mm256_sub_epi64(_mm256_sub_epi64(a, b), high_half(borrow));
    }
    [[gnu::always_inline]] static __m256i add(__m256i a, __m256i b) {
        return subtract(a, _mm256_sub_epi64(constant(Goldilocks::kModulus), b));
    }

    [[gnu::always_inline]] static void add_to(Avx2Counters& counters, __m256i word) {
        counters.x = _mm256_add_epi64(counters.x, low_half(word));
        counters.y = _mm256_add_epi64(counters.y, high_half(word));
    }
    /// Adds a·b: |x| grows by less than 2^34, y by less than 2^35.
    [[gnu::always_inline]] static void add_product_to(Avx2Counters& counters, __m256i a, __m256i b) {
        const __m256i a_high = high_half(a), b_high = high_half(b);
        const __m256i first = _mm256_mul_epu32(a, b);             // weight 1
        const __m256i second = _mm256_mul_epu32(a, b_high);       // weight φ
        const __m256i third = _mm256_mul_epu32(a_high, b);        // weight φ
        const __m256i fourth = _mm256_mul_epu32(a_high, b_high);  // weight φ²
        const __m256i squares =
            _mm256_add_epi64(low_half(fourth), _mm256_add_epi64(high_half(second), high_half(third)));
        const __m256i cubes = high_half(fourth);
        counters.x =
            _mm256_add_epi64(counters.x, _mm256_sub_epi64(low_half(first), _mm256_add_epi64(squares, cubes)));
        const __m256i ones =
            _mm256_add_epi64(high_half(first), _mm256_add_epi64(low_half(second), low_half(third)));
        counters.y = _mm256_add_epi64(counters.y, _mm256_add_epi64(ones, squares));
    }
    /// The word that counters stand for, 0 ≤ x, y < 2^60.
    [[gnu::always_inline]] static __m256i reduce(const Avx2Counters& counters) {
        // φ·y = φ·(low half) + φ²·(high half); all but the first fits well below 2^63.
        const __m256i wide = _mm256_slli_epi64(counters.y, 32);
        const __m256i top = high_half(counters.y);
        const __m256i small =
            _mm256_add_epi64(counters.x, _mm256_mul_epu32(top, constant(Goldilocks::kEpsilon)));
        const __m256i sum = _mm256_add_epi64(wide, small);
        const __m256i carry = _mm256_andnot_si256(sum, wide);  // its highest bit
        const __m256i sign = constant(std::uint64_t{1} << 63);
        const __m256i beyond = _mm256_cmpgt_epi64(
            _mm256_xor_si256(sum, sign), constant((Goldilocks::kModulus - 1) ^ (std::uint64_t{1} << 63)));
        // 2^64 ≡ ε, and −p is ε in 64 bits: one of the two at most, chosen by highest bits.
        const __m256d either = _mm256_castsi256_pd(_mm256_or_si256(carry, beyond));
        const __m256d epsilon = _mm256_castsi256_pd(constant(Goldilocks::kEpsilon));
        return _mm256_add_epi64(sum,
                                _mm256_castpd_si256(_mm256_blendv_pd(_mm256_setzero_pd(), epsilon, either)));
    }
    /// The same for |x| < 2^59, 0 ≤ y < 2^59.
    [[gnu::always_inline]] static __m256i reduce_signed(const Avx2Counters& counters) {
        // 0 = (φ·2^27 + 1) + φ·(φ − 1 − 2^27)
        constexpr std::uint64_t kShift = std::uint64_t{1} << 27;
        return reduce({_mm256_add_epi64(counters.x, constant((kShift << 32) + 1)),
                       _mm256_add_epi64(counters.y, constant(0xffffffff - kShift))});
    }
};

template <typename E>
struct Avx2Lanes {
    using Element = E;
    static constexpr std::size_t kLanes = 4;
    static constexpr int kDegree = E::kDegree;
    static constexpr int kLimbs = Multiplier<E>::kLimbs;
    using Words = Avx2Words;

    struct Value {
        __m256i c[kDegree];
    };
    struct Base {
        __m256i word;
    };
    /// The words of a Multiplier, halves apart.
    struct Factor {
        __m256i low[kDegree][kLimbs][kDegree];
        __m256i high[kDegree][kLimbs][kDegree];

        [[gnu::always_inline]] explicit Factor(const Multiplier<E>& multiplier) {
            const auto* word = reinterpret_cast<const long long*>(&multiplier.words);
            for (int j = 0; j < kDegree; ++j) {
                for (int s = 0; s < kLimbs; ++s) {
                    for (int k = 0; k < kDegree; ++k, ++word) {
                        low[j][s][k] = _mm256_set1_epi64x(*word);
                        high[j][s][k] = _mm256_srli_epi64(low[j][s][k], 32);
                    }
                }
            }
        }
    };
    /// A sum of up to 2^16 products, coefficients of u^0 … u^(2·kDegree−2) apart.
    struct Sum {
        Avx2Counters columns[2 * kDegree - 1];

        [[gnu::always_inline]] Sum() {
            for (auto& column : columns)
                column.x = column.y = _mm256_setzero_si256();
        }
        [[gnu::always_inline]] void add(const Value& value) {
            for (int k = 0; k < kDegree; ++k)
                Words::add_to(columns[k], value.c[k]);
        }
        [[gnu::always_inline]] void add_product(const Value& a, const Value& b) {
            for (int i = 0; i < kDegree; ++i) {
                for (int j = 0; j < kDegree; ++j)
                    Words::add_product_to(columns[i + j], a.c[i], b.c[j]);
            }
        }
        [[gnu::always_inline]] void add_product(const Base& a, const Value& b) {
            for (int j = 0; j < kDegree; ++j)
                Words::add_product_to(columns[j], a.word, b.c[j]);
        }
        [[gnu::always_inline]] Value value() const {
            Value result;
            if constexpr (kDegree == 2) {  // u² = 7
                const auto seven = [](__m256i a) __attribute__((always_inline)) {
                    return _mm256_sub_epi64(_mm256_slli_epi64(a, 3), a);
                };
                result.c[0] = Words::reduce_signed({_mm256_add_epi64(columns[0].x, seven(columns[2].x)),
                                                    _mm256_add_epi64(columns[0].y, seven(columns[2].y))});
                result.c[1] = Words::reduce_signed(columns[1]);
            } else {  // v³ = v + 1, v⁴ = v² + v
                result.c[0] = Words::reduce_signed(plus(columns[0], columns[3]));
                result.c[1] = Words::reduce_signed(plus(columns[1], plus(columns[3], columns[4])));
                result.c[2] = Words::reduce_signed(plus(columns[2], columns[4]));
            }
            return result;
        }
        [[gnu::always_inline]] static Avx2Counters plus(const Avx2Counters& a, const Avx2Counters& b) {
            return {_mm256_add_epi64(a.x, b.x), _mm256_add_epi64(a.y, b.y)};
        }
    };

    [[gnu::always_inline]] static __m256i load_words(const void* from) {
        return _mm256_loadu_si256(static_cast<const __m256i*>(from));
    }
    /// Lane by lane the first, second, third of three, in blends' terms.
    [[gnu::always_inline]] static __m256i weave(__m256i a, __m256i b, __m256i c) {
        return _mm256_blend_epi32(_mm256_blend_epi32(a, b, 0b00'00'11'00), c, 0b00'11'00'00);
    }
    [[gnu::always_inline]] static Value load(const E* from) {
        const auto* words = reinterpret_cast<const __m256i*>(from);
        Value value;
        if constexpr (kDegree == 2) {
            const __m256i first = load_words(words), second = load_words(words + 1);
            value.c[0] = _mm256_unpacklo_epi64(first, second);
            value.c[1] = _mm256_unpackhi_epi64(first, second);
        } else {
            const __m256i first = load_words(words), second = load_words(words + 1),
                          third = load_words(words + 2);
            value.c[0] = weave(first, third, second);
            value.c[1] = _mm256_permute4x64_epi64(weave(second, first, third), 0b00'11'10'01);
            value.c[2] = _mm256_permute4x64_epi64(weave(third, second, first), 0b01'00'11'10);
        }
        return value;
    }
    [[gnu::always_inline]] static Value broadcast(const E& element) {
        const auto* words = reinterpret_cast<const long long*>(&element);
        Value value;
        for (int k = 0; k < kDegree; ++k)
            value.c[k] = _mm256_set1_epi64x(words[k]);
        return value;
    }
    [[gnu::always_inline]] static void store(E* to, const Value& value) {
        auto* words = reinterpret_cast<__m256i*>(to);
        if constexpr (kDegree == 2) {
            _mm256_storeu_si256(words, _mm256_unpacklo_epi64(value.c[0], value.c[1]));
            _mm256_storeu_si256(words + 1, _mm256_unpackhi_epi64(value.c[0], value.c[1]));
        } else {
            const __m256i second = _mm256_permute4x64_epi64(value.c[1], 0b10'01'00'11);
            const __m256i third = _mm256_permute4x64_epi64(value.c[2], 0b01'00'11'10);
            _mm256_storeu_si256(words, weave(value.c[0], second, third));
            _mm256_storeu_si256(words + 1, weave(second, third, value.c[0]));
            _mm256_storeu_si256(words + 2, weave(third, value.c[0], second));
        }
    }
    [[gnu::always_inline]] static Base load_base(const Goldilocks* from) {
        return {_mm256_permute4x64_epi64(load_words(from), kDegree == 2 ? 0b11'01'10'00 : 0b01'10'11'00)};
    }

    [[gnu::always_inline]] static Value add(const Value& a, const Value& b) {
        Value sum;
        for (int k = 0; k < kDegree; ++k)
            sum.c[k] = Words::add(a.c[k], b.c[k]);
        return sum;
    }
    [[gnu::always_inline]] static Value subtract(const Value& a, const Value& b) {
        Value difference;
        for (int k = 0; k < kDegree; ++k)
            difference.c[k] = Words::subtract(a.c[k], b.c[k]);
        return difference;
    }
    [[gnu::always_inline]] static Base subtract(const Base& a, const Base& b) {
        return {Words::subtract(a.word, b.word)};
    }
    [[gnu::always_inline]] static Value multiply(const Value& a, const Value& b) {
        Sum sum;
        sum.add_product(a, b);
        return sum.value();
    }

    /// Unreduced c·a, in counters below 2^58.
    struct Scaled {
        Avx2Counters c[kDegree];

        [[gnu::always_inline]] Value value() const {
            Value result;
            for (int k = 0; k < kDegree; ++k)
                result.c[k] = Words::reduce(c[k]);
            return result;
        }
    };
    [[gnu::always_inline]] static void add_scaled(const Factor& factor, int j, __m256i word, Scaled& to) {
        const __m256i limbs[kLimbs] = {
            _mm256_and_si256(word, Words::constant(0x3fffff)),
            _mm256_and_si256(_mm256_srli_epi64(word, Multiplier<E>::kLimbShifts[1]),
                             Words::constant(0x1fffff)),
            _mm256_srli_epi64(word, Multiplier<E>::kLimbShifts[2])};
        for (int s = 0; s < kLimbs; ++s) {
            for (int k = 0; k < kDegree; ++k) {
                auto& [x, y] = to.c[k];
                x = _mm256_add_epi64(x, _mm256_mul_epu32(limbs[s], factor.low[j][s][k]));
                y = _mm256_add_epi64(y, _mm256_mul_epu32(limbs[s], factor.high[j][s][k]));
            }
        }
    }
    [[gnu::always_inline]] static Scaled zero() {
        Scaled scaled;
        for (auto& counters : scaled.c)
            counters.x = counters.y = _mm256_setzero_si256();
        return scaled;
    }
    [[gnu::always_inline]] static Value scale_add(const Factor& factor, const Value& a, const Value& b) {
        Scaled scaled = zero();
        for (int k = 0; k < kDegree; ++k)
            Words::add_to(scaled.c[k], b.c[k]);
        for (int j = 0; j < kDegree; ++j)
            add_scaled(factor, j, a.c[j], scaled);
        return scaled.value();
    }
    [[gnu::always_inline]] static Value scale_add(const Factor& factor, const Value& a, const Base& b) {
        Scaled scaled = zero();
        Words::add_to(scaled.c[0], b.word);
        for (int j = 0; j < kDegree; ++j)
            add_scaled(factor, j, a.c[j], scaled);
        return scaled.value();
    }
    [[gnu::always_inline]] static Value scale(const Factor& factor, const Value& a) {
        Scaled scaled = zero();
        for (int j = 0; j < kDegree; ++j)
            add_scaled(factor, j, a.c[j], scaled);
        return scaled.value();
    }
    [[gnu::always_inline]] static Value fold(const Value& low, const Value& high, const Factor& r) {
        return scale_add(r, subtract(high, low), low);
    }
    [[gnu::always_inline]] static Value fold(const Base& low, const Base& high, const Factor& r) {
        Scaled scaled = zero();
        Words::add_to(scaled.c[0], low.word);
        add_scaled(r, 0, Words::subtract(high.word, low.word), scaled);
        return scaled.value();
    }
};

}  // namespace valence::zk
