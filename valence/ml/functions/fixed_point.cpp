#include "valence/ml/functions/fixed_point.hpp"

#include <algorithm>
#include <vector>

namespace valence::ml::fixed {
namespace {

/// Further bits of π, as many as the largest angle has before the point.
constexpr unsigned kAngleBits = 64;

/// Σ sign^k·t^(2k+1)/(2k+1) for t = 1/n at 2^−(256 + extra): atanh (sign 1) or atan (sign −1) of 1/n.
Real inverse_series(unsigned long n, int sign, unsigned extra) {
    Real power = (Real{1} << (kFraction + extra)) / n;
    Real sum = 0;
    for (unsigned long k = 0; power != 0; ++k) {
        const Real term = power / (2 * k + 1);
        if (sign < 0 && k % 2 == 1)
            sum -= term;
        else
            sum += term;
        power /= n;
        power /= n;
    }
    return sum;
}

/// π at 2^−(256 + kAngleBits): Machin, 16·atan(1/5) − 4·atan(1/239).
const Real& wide_pi() {
    static const Real value =
        16 * inverse_series(5, -1, kAngleBits) - 4 * inverse_series(239, -1, kAngleBits);
    return value;
}

/// ln n for n = 0 … 4096 (0 for 0), from p²/((p − 1)(p + 1)) = 1/(1 − 1/p²), that is
///     ln p = (ln(p − 1) + ln(p + 1))/2 + atanh(1/(2p² − 1)),
/// where p + 1 is even and its half is below p.
std::vector<Real> logarithms() {
    constexpr unsigned long kCount = 4096;
    constexpr unsigned kExtra = 32;
    std::vector<unsigned long> factor(kCount + 1, 0);  // the least prime factor
    for (unsigned long p = 2; p <= kCount; ++p)
        for (unsigned long multiple = p; multiple <= kCount && factor[p] % p == 0; multiple += p)
            if (factor[multiple] == 0) factor[multiple] = p;
    std::vector<Real> ln(kCount + 1);
    for (unsigned long n = 2; n <= kCount; ++n) {
        const unsigned long p = factor[n];
        if (p < n)
            ln[n] = ln[p] + ln[n / p];
        else if (n == 2)
            ln[n] = 2 * inverse_series(3, 1, kExtra);
        else
            ln[n] = (ln[n - 1] + ln[2] + ln[(n + 1) / 2]) / 2 + inverse_series(2 * n * n - 1, 1, kExtra);
    }
    for (Real& value : ln)
        value >>= kExtra;
    return ln;
}

}  // namespace

Real scaled(std::int64_t value, int power) {
    return wide(value) << static_cast<unsigned>(static_cast<int>(kFraction) + power);
}

Real exponential(const Real& v) {
    if (v < scaled(-kCutoff, 0)) return 0;
    if (v > scaled(41, 0)) return huge();
    // v = k·ln 2 + r with 0 ≤ r < ln 2; e^r = (e^(r/2^8))^(2^8).
    constexpr unsigned kHalvings = 8;
    const Real k = floor_quotient(v, ln2());
    const Real r = (v - k * ln2()) >> kHalvings;
    Real sum = one();
    Real term = one();
    for (unsigned long n = 1; term != 0; ++n) {
        term = multiply(term, r) / n;
        sum += term;
    }
    for (unsigned i = 0; i < kHalvings; ++i)
        sum = multiply(sum, sum);
    const std::int64_t shift = narrow(k);
    return shift >= 0 ? Real{sum << static_cast<unsigned>(shift)}
                      : Real{sum >> static_cast<unsigned>(-shift)};
}

Real logarithm_of_one_plus(const Real& t) {
    // ln(1 + t) = 2·atanh(t/(2 + t)), whose argument is at most 1/3.
    Real power = divide(t, 2 * one() + t);
    const Real square = multiply(power, power);
    Real sum = 0;
    for (unsigned long k = 0; power != 0; ++k) {
        sum += power / (2 * k + 1);
        power = multiply(power, square);
    }
    return 2 * sum;
}

const Real& logarithm_of(std::uint32_t n) {
    static const std::vector<Real> values = logarithms();
    return values[n];
}

const Real& ln2() {
    static const Real value = (2 * inverse_series(3, 1, 32)) >> 32U;
    return value;
}

const Real& root_two_over_pi() {
    // √(2/π·2^512): the fraction's bits twice, since the root halves them.
    static const Real value =
        sqrt(Real{(Real{1} << (1 + 2 * kFraction + kFraction + kAngleBits)) / wide_pi()});
    return value;
}

Real reduce_angle(const Real& v) {
    const Real fine = v << kAngleBits;
    const Real turn = 2 * wide_pi();
    const Real turns = floor_quotient(fine + wide_pi(), turn);
    return (fine - turns * turn) >> kAngleBits;
}

Angle angle(const Real& v) {
    Angle result{0, 0};
    Real term = one();
    for (unsigned long n = 0; term != 0; ++n) {
        Real& part = n % 2 == 0 ? result.cosine : result.sine;
        if (n % 4 < 2)
            part += term;
        else
            part -= term;
        term = truncated_shift(term * v / (n + 1), kFraction);
    }
    return result;
}

std::int16_t round_to_16_bits(const Real& value, int exponent) {
    const Real exact = exponent >= 0 ? Real{value << static_cast<unsigned>(exponent)}
                                     : Real{value >> static_cast<unsigned>(-exponent)};
    static const Real half = (Real{1} << (kFraction - 1)) + (Real{1} << (kFraction - 64));
    const Real rounded = (exact + half) >> kFraction;
    if (rounded > 32767) return 32767;
    if (rounded < -32768) return -32768;
    return static_cast<std::int16_t>(narrow(rounded));
}

}  // namespace valence::ml::fixed
