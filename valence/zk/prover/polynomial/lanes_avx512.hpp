// Eight elements of E at a time with AVX-512. Only for files compiled for it, and without calling any inline
// function that other files may share (lanes_avx2.hpp).
//
// Products are IFMA's: an instruction multiplies the lowest 52 bits of two words and adds the lowest or the
// highest 52 bits of the product to a counter. A word is low + 2^52·high, high below 2^12, so that a product
// of words takes seven such instructions on three counters, x + 2^52·y + 2^104·z, and 2^104 ≡ −2^8. Whoever
// multiplies by a word gives its high part beside it; the low part is what IFMA takes of the word itself.
//
// Elements lie interleaved, c[0] c[1] c[0] c[1] …; in registers coefficients are apart, and lanes in the
// order (0, 4, 1, 5, 2, 6, 3, 7) in degree 2.
#pragma once

#include <immintrin.h>

#include "valence/zk/prover/polynomial/multiplier.hpp"

namespace valence::zk {

/// Counters of one unreduced word in each lane.
struct Avx512Counters {
    __m512i x;
    __m512i y;
    __m512i z;
};

/// Words modulo p in each lane, always canonical.
struct Avx512Words {
    /// A word and what is above its lowest 52 bits.
    struct Split {
        __m512i word;
        __m512i high;
    };

    [[gnu::always_inline]] static __m512i constant(std::uint64_t word) {
        return _mm512_set1_epi64(static_cast<long long>(word));
    }
    [[gnu::always_inline]] static Split split(__m512i word) { return {word, _mm512_srli_epi64(word, 52)}; }

    [[gnu::always_inline]] static __m512i subtract(__m512i a, __m512i b) {
        const __m512i difference = _mm512_sub_epi64(a, b);
        return _mm512_mask_sub_epi64(difference, _mm512_cmplt_epu64_mask(a, b), difference,
                                     constant(Goldilocks::kEpsilon));
    }
    [[gnu::always_inline]] static __m512i add(__m512i a, __m512i b) {
        return subtract(a, _mm512_sub_epi64(constant(Goldilocks::kModulus), b));
    }

    [[gnu::always_inline]] static void add_to(Avx512Counters& counters, __m512i word) {
        counters.x = _mm512_madd52lo_epu64(counters.x, word, constant(1));
        counters.y = _mm512_add_epi64(counters.y, _mm512_srli_epi64(word, 52));
    }
    /// Adds a·b: x grows by less than 2^52, y by less than 3·2^52, z by less than 2^25.
    [[gnu::always_inline]] static void add_product_to(Avx512Counters& counters, const Split& a,
                                                      const Split& b) {
        counters.x = _mm512_madd52lo_epu64(counters.x, a.word, b.word);
        counters.y = _mm512_madd52hi_epu64(counters.y, a.word, b.word);
        counters.y = _mm512_madd52lo_epu64(counters.y, a.word, b.high);
        counters.y = _mm512_madd52lo_epu64(counters.y, a.high, b.word);
        counters.z = _mm512_madd52hi_epu64(counters.z, a.word, b.high);
        counters.z = _mm512_madd52hi_epu64(counters.z, a.high, b.word);
        counters.z = _mm512_madd52lo_epu64(counters.z, a.high, b.high);
    }
    /// The word that counters stand for; x and y are any 64 bits, z is below 2^40.
    [[gnu::always_inline]] static __m512i reduce(const Avx512Counters& counters) {
        // 2^52·y = low + 2^64·(middle + 2^32·top), 2^64 ≡ ε = 2^32 − 1 and 2^96 ≡ −1.
        const __m512i epsilon = constant(Goldilocks::kEpsilon);
        const __m512i low = _mm512_slli_epi64(counters.y, 52);
        const __m512i middle = _mm512_srli_epi64(counters.y, 12);  // and top, which multiplying leaves out
        const __m512i top = _mm512_srli_epi64(counters.y, 44);
        const __m512i sum = _mm512_add_epi64(counters.x, low);
        // At most ε² + ε, which is below 2^64.
        const __m512i product = _mm512_mul_epu32(middle, epsilon);
        const __m512i carried =
            _mm512_mask_add_epi64(product, _mm512_cmplt_epu64_mask(sum, low), product, epsilon);
        // Below 2^49: after a borrow there is room for ε less.
        const __m512i less = _mm512_add_epi64(top, _mm512_slli_epi64(counters.z, 8));
        const __m512i difference = _mm512_sub_epi64(sum, less);
        const __m512i rest =
            _mm512_mask_sub_epi64(difference, _mm512_cmplt_epu64_mask(sum, less), difference, epsilon);
        // After a carry at most 2^64 − 2^32 − 1 is left: there is room for ε more.
        const __m512i total = _mm512_add_epi64(rest, carried);
        const __m512i loose =
            _mm512_mask_add_epi64(total, _mm512_cmplt_epu64_mask(total, carried), total, epsilon);
        // From p on ε more, which is p less, is the smaller one of the two.
        return _mm512_min_epu64(loose, _mm512_add_epi64(loose, epsilon));
    }
};

template <typename E>
struct Avx512Lanes {
    using Element = E;
    static constexpr std::size_t kLanes = 8;
    static constexpr int kDegree = E::kDegree;
    using Words = Avx512Words;

    struct Value {
        __m512i c[kDegree];
    };
    struct Base {
        __m512i word;
    };
    /// A constant times u^j, for each coefficient j of what it is multiplied by.
    struct Factor {
        Words::Split words[kDegree][kDegree];

        [[gnu::always_inline]] explicit Factor(const Multiplier<E>& multiplier) {
            // The first of each coefficient's limbs, whose shift is 0.
            const auto* word = reinterpret_cast<const long long*>(&multiplier.words);
            for (int j = 0; j < kDegree; ++j, word += Multiplier<E>::kLimbs * kDegree) {
                for (int k = 0; k < kDegree; ++k)
                    words[j][k] = Words::split(_mm512_set1_epi64(word[k]));
            }
        }
    };
    /// A sum of up to kMostSummed / kLanes products, coefficients of u^0 … u^(2·kDegree−2) apart. Of y, which
    /// fills first, a product takes 24·2^52 at most (7·3 and 3, degree 2), and 128 of these fit 64 bits.
    struct Sum {
        Avx512Counters columns[2 * kDegree - 1];

        [[gnu::always_inline]] Sum() {
            for (auto& column : columns)
                column.x = column.y = column.z = _mm512_setzero_si512();
        }
        [[gnu::always_inline]] void add(const Value& value) {
            for (int k = 0; k < kDegree; ++k)
                Words::add_to(columns[k], value.c[k]);
        }
        [[gnu::always_inline]] void add_product(const Value& a, const Value& b) {
            Words::Split split_b[kDegree];
            for (int j = 0; j < kDegree; ++j)
                split_b[j] = Words::split(b.c[j]);
            for (int i = 0; i < kDegree; ++i) {
                const Words::Split split_a = Words::split(a.c[i]);
                for (int j = 0; j < kDegree; ++j)
                    Words::add_product_to(columns[i + j], split_a, split_b[j]);
            }
        }
        [[gnu::always_inline]] void add_product(const Base& a, const Value& b) {
            const Words::Split split_a = Words::split(a.word);
            for (int j = 0; j < kDegree; ++j)
                Words::add_product_to(columns[j], split_a, Words::split(b.c[j]));
        }
        [[gnu::always_inline]] Value value() const {
            Value result;
            if constexpr (kDegree == 2) {  // u² = 7
                const auto seven_more = [](__m512i a, __m512i b) __attribute__((always_inline)) {
                    return _mm512_add_epi64(_mm512_sub_epi64(a, b), _mm512_slli_epi64(b, 3));
                };
                result.c[0] = Words::reduce({seven_more(columns[0].x, columns[2].x),
                                             seven_more(columns[0].y, columns[2].y),
                                             seven_more(columns[0].z, columns[2].z)});
                result.c[1] = Words::reduce(columns[1]);
            } else {  // v³ = v + 1, v⁴ = v² + v
                result.c[0] = Words::reduce(plus(columns[0], columns[3]));
                result.c[1] = Words::reduce(plus(columns[1], plus(columns[3], columns[4])));
                result.c[2] = Words::reduce(plus(columns[2], columns[4]));
            }
            return result;
        }
        [[gnu::always_inline]] static Avx512Counters plus(const Avx512Counters& a, const Avx512Counters& b) {
            return {_mm512_add_epi64(a.x, b.x), _mm512_add_epi64(a.y, b.y), _mm512_add_epi64(a.z, b.z)};
        }
    };

    [[gnu::always_inline]] static Value load(const E* from) {
        const auto* words = reinterpret_cast<const __m512i*>(from);
        const __m512i first = _mm512_loadu_si512(words), second = _mm512_loadu_si512(words + 1);
        Value value;
        if constexpr (kDegree == 2) {
            value.c[0] = _mm512_unpacklo_epi64(first, second);
            value.c[1] = _mm512_unpackhi_epi64(first, second);
        } else {
            const __m512i third = _mm512_loadu_si512(words + 2);
            value.c[0] = pick(pick(first, _mm512_setr_epi64(0, 3, 6, 9, 12, 15, 0, 0), second),
                              _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 10, 13), third);
            value.c[1] = pick(pick(first, _mm512_setr_epi64(1, 4, 7, 10, 13, 0, 0, 0), second),
                              _mm512_setr_epi64(0, 1, 2, 3, 4, 8, 11, 14), third);
            value.c[2] = pick(pick(first, _mm512_setr_epi64(2, 5, 8, 11, 14, 0, 0, 0), second),
                              _mm512_setr_epi64(0, 1, 2, 3, 4, 9, 12, 15), third);
        }
        return value;
    }
    [[gnu::always_inline]] static Value broadcast(const E& element) {
        const auto* words = reinterpret_cast<const long long*>(&element);
        Value value;
        for (int k = 0; k < kDegree; ++k)
            value.c[k] = _mm512_set1_epi64(words[k]);
        return value;
    }
    [[gnu::always_inline]] static void store(E* to, const Value& value) {
        auto* words = reinterpret_cast<__m512i*>(to);
        if constexpr (kDegree == 2) {
            _mm512_storeu_si512(words, _mm512_unpacklo_epi64(value.c[0], value.c[1]));
            _mm512_storeu_si512(words + 1, _mm512_unpackhi_epi64(value.c[0], value.c[1]));
        } else {
            const auto& [a, b, c] = value.c;
            _mm512_storeu_si512(words, pick(pick(a, _mm512_setr_epi64(0, 8, 0, 1, 9, 0, 2, 10), b),
                                            _mm512_setr_epi64(0, 1, 8, 3, 4, 9, 6, 7), c));
            _mm512_storeu_si512(words + 1, pick(pick(a, _mm512_setr_epi64(0, 3, 11, 0, 4, 12, 0, 5), b),
                                                _mm512_setr_epi64(10, 1, 2, 11, 4, 5, 12, 7), c));
            _mm512_storeu_si512(words + 2, pick(pick(a, _mm512_setr_epi64(13, 0, 6, 14, 0, 7, 15, 0), b),
                                                _mm512_setr_epi64(0, 13, 2, 3, 14, 5, 6, 15), c));
        }
    }
    [[gnu::always_inline]] static Base load_base(const Goldilocks* from) {
        const __m512i words = _mm512_loadu_si512(from);
        if constexpr (kDegree == 2)
            return {_mm512_permutexvar_epi64(_mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7), words)};
        return {words};
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

    /// Unreduced c·a.
    struct Scaled {
        Avx512Counters c[kDegree];

        [[gnu::always_inline]] Scaled() {
            for (auto& counters : c)
                counters.x = counters.y = counters.z = _mm512_setzero_si512();
        }
        [[gnu::always_inline]] void add_scaled(const Factor& factor, int j, __m512i word) {
            const Words::Split split = Words::split(word);
            for (int k = 0; k < kDegree; ++k)
                Words::add_product_to(c[k], split, factor.words[j][k]);
        }
        [[gnu::always_inline]] Value value() const {
            Value result;
            for (int k = 0; k < kDegree; ++k)
                result.c[k] = Words::reduce(c[k]);
            return result;
        }
    };
    [[gnu::always_inline]] static Value scale_add(const Factor& factor, const Value& a, const Value& b) {
        Scaled scaled;
        for (int k = 0; k < kDegree; ++k)
            Words::add_to(scaled.c[k], b.c[k]);
        for (int j = 0; j < kDegree; ++j)
            scaled.add_scaled(factor, j, a.c[j]);
        return scaled.value();
    }
    [[gnu::always_inline]] static Value scale_add(const Factor& factor, const Value& a, const Base& b) {
        Scaled scaled;
        Words::add_to(scaled.c[0], b.word);
        for (int j = 0; j < kDegree; ++j)
            scaled.add_scaled(factor, j, a.c[j]);
        return scaled.value();
    }
    [[gnu::always_inline]] static Value scale(const Factor& factor, const Value& a) {
        Scaled scaled;
        for (int j = 0; j < kDegree; ++j)
            scaled.add_scaled(factor, j, a.c[j]);
        return scaled.value();
    }
    [[gnu::always_inline]] static Value fold(const Value& low, const Value& high, const Factor& r) {
        return scale_add(r, subtract(high, low), low);
    }
    [[gnu::always_inline]] static Value fold(const Base& low, const Base& high, const Factor& r) {
        Scaled scaled;
        Words::add_to(scaled.c[0], low.word);
        scaled.add_scaled(r, 0, Words::subtract(high.word, low.word));
        return scaled.value();
    }

private:
    /// Words of `a` (0 … 7) and of `b` (8 … 15).
    [[gnu::always_inline]] static __m512i pick(__m512i a, __m512i index, __m512i b) {
        return _mm512_permutex2var_epi64(a, index, b);
    }
};

}  // namespace valence::zk
