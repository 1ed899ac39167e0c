// WideInteger: the integers of any length that tables are computed with. GMP's; where there is no GMP
// (WebAssembly, VALENCE_WITHOUT_GMP) Boost's, which are slower and give the same: sums, products and
// comparisons are exact, `/` rounds towards 0, `>>` towards −∞, and so do sqrt and what is below.
#pragma once

#include <cstdint>

#if defined(VALENCE_WITHOUT_GMP)
#include <boost/multiprecision/cpp_int.hpp>
#else
#include <gmpxx.h>
#endif

namespace valence::ml::fixed {

#if defined(VALENCE_WITHOUT_GMP)

using WideInteger =
    boost::multiprecision::number<boost::multiprecision::cpp_int_backend<>, boost::multiprecision::et_off>;

inline WideInteger wide(std::int64_t value) { return WideInteger{value}; }
/// Of a value that fits 64 bits.
inline std::int64_t narrow(const WideInteger& value) { return static_cast<std::int64_t>(value); }
inline bool is_odd(const WideInteger& value) { return boost::multiprecision::bit_test(abs(value), 0); }
/// a/b towards −∞, for b > 0.
inline WideInteger floor_quotient(const WideInteger& a, const WideInteger& b) {
    const WideInteger quotient = a / b;
    return a < 0 && quotient * b != a ? WideInteger{quotient - 1} : quotient;
}
/// a/2^bits towards 0.
inline WideInteger truncated_shift(const WideInteger& a, unsigned bits) {
    return a < 0 ? WideInteger{-(WideInteger{-a} >> bits)} : WideInteger{a >> bits};
}

#else

using WideInteger = mpz_class;

inline WideInteger wide(std::int64_t value) {
    static_assert(sizeof(long) == sizeof(std::int64_t));
    return WideInteger{static_cast<long>(value)};
}
/// Of a value that fits 64 bits.
inline std::int64_t narrow(const WideInteger& value) { return value.get_si(); }
inline bool is_odd(const WideInteger& value) { return mpz_odd_p(value.get_mpz_t()) != 0; }
/// a/b towards −∞, for b > 0.
inline WideInteger floor_quotient(const WideInteger& a, const WideInteger& b) {
    WideInteger quotient;
    mpz_fdiv_q(quotient.get_mpz_t(), a.get_mpz_t(), b.get_mpz_t());
    return quotient;
}
/// a/2^bits towards 0.
inline WideInteger truncated_shift(const WideInteger& a, unsigned bits) {
    WideInteger shifted;
    mpz_tdiv_q_2exp(shifted.get_mpz_t(), a.get_mpz_t(), bits);
    return shifted;
}

#endif

}  // namespace valence::ml::fixed
