// The field F_p under the curve BN254 ("alt_bn128", EIP-196), in Montgomery form.
#pragma once

#include "valence/crypto/arithmetic/modular_inverse.hpp"
#include "valence/crypto/arithmetic/montgomery.hpp"

namespace valence::crypto::bn254 {

inline constexpr U256 kFieldPrime{0x3c208c16d87cfd47, 0x97816a916871ca8d, 0xb85045b68181585d,
                                  0x30644e72e131a029};

struct Fp {
    /// value · 2^256 modulo p, below p.
    Limbs limbs{};

    constexpr bool operator==(const Fp&) const = default;
    constexpr bool is_zero() const { return (limbs[0] | limbs[1] | limbs[2] | limbs[3]) == 0; }

    /// From a number below p.
    static constexpr Fp from(const U256& number);
    static constexpr Fp one();
    constexpr U256 to_number() const;
    /// 0 for 0.
    Fp inverse() const;
};

inline constexpr auto kMontgomery = montgomery_modulus(kFieldPrime.limbs);
inline constexpr auto kInverseModulus = inverse_modulus(kFieldPrime);

namespace detail {
/// 2^exponent modulo p, by doubling.
constexpr Limbs power_of_two(int exponent) {
    Limbs r{1, 0, 0, 0};
    for (int i = 0; i < exponent; ++i) {
        std::uint64_t carry = 0;
        r = reduce_once(add_limbs(r, r, carry), kFieldPrime.limbs);
    }
    return r;
}
inline constexpr auto kOne = power_of_two(256);
inline constexpr auto kRadixSquared = power_of_two(512);
}  // namespace detail

[[gnu::always_inline]] constexpr Fp operator*(const Fp& a, const Fp& b) {
#if VALENCE_HAS_X86_KERNELS
    if (!std::is_constant_evaluated() && kHasAdx)
        return {montgomery_multiply_adx(a.limbs, b.limbs, kMontgomery)};
#endif
    return {montgomery_multiply_portable(a.limbs, b.limbs, kMontgomery)};
}

[[gnu::always_inline]] constexpr Fp operator+(const Fp& a, const Fp& b) {
#if VALENCE_HAS_X86_KERNELS
    if (!std::is_constant_evaluated()) return {add_modulo_x86(a.limbs, b.limbs, kMontgomery.modulus)};
#endif
    std::uint64_t carry = 0;
    return {reduce_once(add_limbs(a.limbs, b.limbs, carry), kMontgomery.modulus)};
}

[[gnu::always_inline]] constexpr Fp operator-(const Fp& a, const Fp& b) {
#if VALENCE_HAS_X86_KERNELS
    if (!std::is_constant_evaluated()) return {subtract_modulo_x86(a.limbs, b.limbs, kMontgomery.modulus)};
#endif
    std::uint64_t borrow = 0;
    const auto difference = subtract_limbs(a.limbs, b.limbs, borrow);
    std::uint64_t carry = 0;
    return {borrow == 0 ? difference : add_limbs(difference, kMontgomery.modulus, carry)};
}

[[gnu::always_inline]] constexpr Fp operator-(const Fp& a) { return Fp{} - a; }
[[gnu::always_inline]] constexpr Fp square(const Fp& a) { return a * a; }
[[gnu::always_inline]] constexpr Fp twice(const Fp& a) { return a + a; }

/// a/2: the odd prime is added to an odd number first.
[[gnu::always_inline]] constexpr Fp half(const Fp& a) {
    const auto& p = kMontgomery.modulus;
    const auto odd = std::uint64_t{0} - (a.limbs[0] & 1);
    std::uint64_t carry = 0;
    const auto even = add_limbs(a.limbs, {p[0] & odd, p[1] & odd, p[2] & odd, p[3] & odd}, carry);
    return {{even[0] >> 1 | even[1] << 63, even[1] >> 1 | even[2] << 63, even[2] >> 1 | even[3] << 63,
             even[3] >> 1}};
}

/// −a, as a factor may be: not reduced to 0 where it is p.
[[gnu::always_inline]] constexpr Fp negated_factor(const Fp& a) {
#if VALENCE_HAS_X86_KERNELS
    if (!std::is_constant_evaluated()) return {subtract_limbs_x86(kMontgomery.modulus, a.limbs)};
#endif
    return -a;
}

namespace detail {
/// For each number of 2^253s, the largest multiple of p not above them, modulo 2^256.
inline constexpr auto kMultiples = [] {
    std::array<Limbs, 16> multiples{};
    for (std::size_t eighths = 1; eighths < multiples.size(); ++eighths) {
        // In units of 2^192, where p's lower words only make the quotient smaller.
        const auto p_rounded_up = static_cast<UInt128>(kFieldPrime.limbs[3]) + 1;
        const auto quotient = (static_cast<UInt128>(eighths) << 61) / p_rounded_up;
        for (UInt128 i = 0; i < quotient; ++i) {
            std::uint64_t carry = 0;
            multiples[eighths] = add_limbs(multiples[eighths], kFieldPrime.limbs, carry);
        }
    }
    return multiples;
}();
}  // namespace detail

/// 9·a + b, where b may be p.
[[gnu::always_inline]] constexpr Fp nine_times_plus(const Fp& a, const Fp& b) {
#if VALENCE_HAS_X86_KERNELS
    if (!std::is_constant_evaluated() && kHasAdx) [[likely]] {
        // At most 10·p < 15.2·2^253: what is left after the table's multiple is below p + 2^253 < 2·p.
        const auto sum = multiply_small_add_adx(a.limbs, 9, b.limbs);
        const auto eighths = static_cast<std::size_t>(sum[4] << 3 | sum[3] >> 61);
        return {
            reduce_once_x86(subtract_limbs_x86({sum[0], sum[1], sum[2], sum[3]}, detail::kMultiples[eighths]),
                            kMontgomery.modulus)};
    }
#endif
    return twice(twice(twice(a))) + a + b;
}

/// a·b + c·d, with one reduction where the CPU lets it.
[[gnu::always_inline]] constexpr Fp multiply_sum(const Fp& a, const Fp& b, const Fp& c, const Fp& d) {
#if VALENCE_HAS_X86_KERNELS
    if (!std::is_constant_evaluated() && kHasAdx) [[likely]] {
        return {montgomery_multiply_sum_adx(a.limbs, b.limbs, c.limbs, d.limbs, kMontgomery)};
    }
#endif
    return a * b + c * d;
}

constexpr Fp Fp::from(const U256& number) { return Fp{number.limbs} * Fp{detail::kRadixSquared}; }
constexpr Fp Fp::one() { return {detail::kOne}; }
constexpr U256 Fp::to_number() const {
    const auto plain = *this * Fp{{1, 0, 0, 0}};
    return {plain.limbs[0], plain.limbs[1], plain.limbs[2], plain.limbs[3]};
}
inline Fp Fp::inverse() const { return from(modular_inverse(to_number(), kInverseModulus)); }

}  // namespace valence::crypto::bn254
