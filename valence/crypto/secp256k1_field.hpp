// The field under secp256k1, modulo p = 2^256 − 2^32 − 977.
#pragma once

#include "valence/crypto/arithmetic/fold_prime.hpp"
#include "valence/crypto/arithmetic/modular_inverse.hpp"

namespace valence::crypto::secp256k1 {

inline constexpr std::uint64_t kFold = 0x1000003d1;
inline constexpr U256 kFieldPrime{~kFold + 1, ~0ULL, ~0ULL, ~0ULL};
inline constexpr auto kFieldInverseModulus = inverse_modulus(kFieldPrime);

struct Fe {
    /// Any representative below 2^256.
    Limbs limbs{};

    static constexpr Fe from(const U256& number) { return {number.limbs}; }
    static constexpr Fe one() { return {{1, 0, 0, 0}}; }

    /// The representative below p.
    constexpr U256 to_number() const {
        const auto reduced = reduce_once(limbs, kFieldPrime.limbs);
        return {reduced[0], reduced[1], reduced[2], reduced[3]};
    }
    constexpr bool is_zero() const {
        return (limbs[0] | limbs[1] | limbs[2] | limbs[3]) == 0 || limbs == kFieldPrime.limbs;
    }
    constexpr bool operator==(const Fe& other) const { return to_number() == other.to_number(); }
    /// 0 for 0.
    Fe inverse() const { return from(modular_inverse(to_number(), kFieldInverseModulus)); }
};

[[gnu::always_inline]] constexpr Fe operator*(const Fe& a, const Fe& b) {
#if VALENCE_HAS_X86_KERNELS
    if (!std::is_constant_evaluated() && kHasAdx) [[likely]]
        return {fold_multiply_adx<kFold>(a.limbs, b.limbs)};
#endif
    return {fold_multiply_portable<kFold>(a.limbs, b.limbs)};
}

[[gnu::always_inline]] constexpr Fe square(const Fe& a) {
#if VALENCE_HAS_X86_KERNELS
    if (!std::is_constant_evaluated() && kHasAdx) [[likely]]
        return {fold_square_adx<kFold>(a.limbs)};
#endif
    return {fold_multiply_portable<kFold>(a.limbs, a.limbs)};
}

[[gnu::always_inline]] constexpr Fe operator+(const Fe& a, const Fe& b) {
#if VALENCE_HAS_X86_KERNELS
    if (!std::is_constant_evaluated()) return {fold_add_x86<kFold>(a.limbs, b.limbs)};
#endif
    return {fold_add_portable<kFold>(a.limbs, b.limbs)};
}

[[gnu::always_inline]] constexpr Fe operator-(const Fe& a, const Fe& b) {
#if VALENCE_HAS_X86_KERNELS
    if (!std::is_constant_evaluated()) return {fold_subtract_x86<kFold>(a.limbs, b.limbs)};
#endif
    return {fold_subtract_portable<kFold>(a.limbs, b.limbs)};
}

[[gnu::always_inline]] constexpr Fe operator-(const Fe& a) { return Fe{} - a; }
[[gnu::always_inline]] constexpr Fe twice(const Fe& a) { return a + a; }
[[gnu::always_inline]] constexpr Fe half(const Fe& a) {
#if VALENCE_HAS_X86_KERNELS
    if (!std::is_constant_evaluated()) return {fold_half_x86<kFold>(a.limbs)};
#endif
    return {fold_half_portable<kFold>(a.limbs)};
}

/// a^(2^count).
inline Fe square_times(Fe a, int count) {
    for (int i = 0; i < count; ++i)
        a = square(a);
    return a;
}

/// A number whose square is `a`, if there is one: a^((p + 1)/4), p being 3 modulo 4. The exponent is blocks
/// of 223, 22 and 2 ones with zeros between, so powers a^(2^n − 1) are built up to those.
inline Fe square_root_candidate(const Fe& a) {
    const auto ones2 = square(a) * a;
    const auto ones3 = square(ones2) * a;
    const auto ones6 = square_times(ones3, 3) * ones3;
    const auto ones9 = square_times(ones6, 3) * ones3;
    const auto ones11 = square_times(ones9, 2) * ones2;
    const auto ones22 = square_times(ones11, 11) * ones11;
    const auto ones44 = square_times(ones22, 22) * ones22;
    const auto ones88 = square_times(ones44, 44) * ones44;
    const auto ones176 = square_times(ones88, 88) * ones88;
    const auto ones220 = square_times(ones176, 44) * ones44;
    const auto ones223 = square_times(ones220, 3) * ones3;
    const auto upper = square_times(ones223, 23) * ones22;
    return square_times(square_times(upper, 6) * ones2, 2);
}

}  // namespace valence::crypto::secp256k1
