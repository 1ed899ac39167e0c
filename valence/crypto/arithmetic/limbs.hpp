// Arithmetic on numbers of four 64-bit limbs, least significant first: the kernels under the prime fields of
// this module (montgomery.hpp and fold_prime.hpp have the multiplications). Each comes twice, portable and as
// x86-64 assembly with MULX, ADCX and ADOX (two carry chains at a time, which compilers do not produce);
// `kHasAdx` says at run time which to take. limbs_test.cpp holds one against the other.
#pragma once

#include <array>
#include <cstdint>

#include "valence/base/base.hpp"

namespace valence::crypto {

using base::UInt128;
using Limbs = std::array<std::uint64_t, 4>;
using WideLimbs = std::array<std::uint64_t, 8>;

// Unoptimised and sanitized builds have no registers to spare for the operands' addresses.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define VALENCE_FEW_REGISTERS 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
#define VALENCE_FEW_REGISTERS 1
#endif
#if defined(__x86_64__) && !defined(VALENCE_FEW_REGISTERS)
#define VALENCE_HAS_X86_KERNELS 1
/// Whether the CPU has BMI2 and ADX. False during static initialisation that runs earlier, which is still
/// correct.
extern const bool kHasAdx;
#endif

constexpr std::uint64_t low(UInt128 v) { return static_cast<std::uint64_t>(v); }
constexpr std::uint64_t high(UInt128 v) { return static_cast<std::uint64_t>(v >> 64); }

/// a + b; `carry` is set to the bit that does not fit.
constexpr Limbs add_limbs(const Limbs& a, const Limbs& b, std::uint64_t& carry) {
    Limbs r{};
    UInt128 sum = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        sum += static_cast<UInt128>(a[i]) + b[i];
        r[i] = low(sum);
        sum >>= 64;
    }
    carry = low(sum);
    return r;
}

/// a − b modulo 2^256; `borrow` is 1 when b is larger.
constexpr Limbs subtract_limbs(const Limbs& a, const Limbs& b, std::uint64_t& borrow) {
    Limbs r{};
    borrow = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const auto difference = static_cast<UInt128>(a[i]) - b[i] - borrow;
        r[i] = low(difference);
        borrow = high(difference) & 1;
    }
    return r;
}

/// The full product.
constexpr WideLimbs multiply_wide(const Limbs& a, const Limbs& b) {
    WideLimbs r{};
    for (std::size_t i = 0; i < 4; ++i) {
        std::uint64_t carry = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            const auto t = static_cast<UInt128>(a[j]) * b[i] + r[i + j] + carry;
            r[i + j] = low(t);
            carry = high(t);
        }
        r[i + 4] = carry;
    }
    return r;
}

/// value, or value − modulus if that is not negative.
constexpr Limbs reduce_once(const Limbs& value, const Limbs& modulus) {
    std::uint64_t borrow = 0;
    const auto less = subtract_limbs(value, modulus, borrow);
    return borrow != 0 ? value : less;
}

#if VALENCE_HAS_X86_KERNELS

/// a − b modulo 2^256.
[[gnu::always_inline]] inline Limbs subtract_limbs_x86(const Limbs& a, const Limbs& b) {
    auto t0 = a[0], t1 = a[1], t2 = a[2], t3 = a[3];
    asm("subq %[b0], %[t0]\n\t"
        "sbbq %[b1], %[t1]\n\t"
        "sbbq %[b2], %[t2]\n\t"
        "sbbq %[b3], %[t3]\n\t"
        : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3)
        : [b0] "m"(b[0]), [b1] "m"(b[1]), [b2] "m"(b[2]), [b3] "m"(b[3])
        : "cc");
    return {t0, t1, t2, t3};
}

/// `reduce_once`.
[[gnu::always_inline]] inline Limbs reduce_once_x86(const Limbs& value, const Limbs& m) {
    auto t0 = value[0], t1 = value[1], t2 = value[2], t3 = value[3];
    auto s0 = t0, s1 = t1, s2 = t2, s3 = t3;
    asm("subq %[m0], %[s0]\n\t"
        "sbbq %[m1], %[s1]\n\t"
        "sbbq %[m2], %[s2]\n\t"
        "sbbq %[m3], %[s3]\n\t"
        "cmovncq %[s0], %[t0]\n\t"
        "cmovncq %[s1], %[t1]\n\t"
        "cmovncq %[s2], %[t2]\n\t"
        "cmovncq %[s3], %[t3]\n\t"
        : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [s0] "+&r"(s0), [s1] "+&r"(s1),
          [s2] "+&r"(s2), [s3] "+&r"(s3)
        : [m0] "m"(m[0]), [m1] "m"(m[1]), [m2] "m"(m[2]), [m3] "m"(m[3])
        : "cc");
    return {t0, t1, t2, t3};
}

/// a · factor + b in five words, for CPUs where `kHasAdx`; the sum must fit.
[[gnu::always_inline]] inline std::array<std::uint64_t, 5> multiply_small_add_adx(const Limbs& a,
                                                                                  std::uint64_t factor,
                                                                                  const Limbs& b) {
    std::uint64_t t0, t1, t2, t3, t4, h0, h1, h2;
    asm("mulxq %[a0], %[t0], %[h0]\n\t"
        "mulxq %[a1], %[t1], %[h1]\n\t"
        "mulxq %[a2], %[t2], %[h2]\n\t"
        "mulxq %[a3], %[t3], %[t4]\n\t"
        "addq %[h0], %[t1]\n\t"
        "adcq %[h1], %[t2]\n\t"
        "adcq %[h2], %[t3]\n\t"
        "adcq $0, %[t4]\n\t"
        "addq %[b0], %[t0]\n\t"
        "adcq %[b1], %[t1]\n\t"
        "adcq %[b2], %[t2]\n\t"
        "adcq %[b3], %[t3]\n\t"
        "adcq $0, %[t4]\n\t"
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [h0] "=&r"(h0),
          [h1] "=&r"(h1), [h2] "=&r"(h2)
        : "d"(factor), [a0] "m"(a[0]), [a1] "m"(a[1]), [a2] "m"(a[2]), [a3] "m"(a[3]), [b0] "m"(b[0]),
          [b1] "m"(b[1]), [b2] "m"(b[2]), [b3] "m"(b[3])
        : "cc");
    return {t0, t1, t2, t3, t4};
}

/// a + b modulo a modulus below 2^255, of operands below it.
[[gnu::always_inline]] inline Limbs add_modulo_x86(const Limbs& a, const Limbs& b, const Limbs& m) {
    auto t0 = a[0], t1 = a[1], t2 = a[2], t3 = a[3];
    std::uint64_t s0, s1, s2, s3;
    asm("addq %[b0], %[t0]\n\t"
        "adcq %[b1], %[t1]\n\t"
        "adcq %[b2], %[t2]\n\t"
        "adcq %[b3], %[t3]\n\t"
        "movq %[t0], %[s0]\n\t"
        "movq %[t1], %[s1]\n\t"
        "movq %[t2], %[s2]\n\t"
        "movq %[t3], %[s3]\n\t"
        "subq %[m0], %[s0]\n\t"
        "sbbq %[m1], %[s1]\n\t"
        "sbbq %[m2], %[s2]\n\t"
        "sbbq %[m3], %[s3]\n\t"
        "cmovncq %[s0], %[t0]\n\t"
        "cmovncq %[s1], %[t1]\n\t"
        "cmovncq %[s2], %[t2]\n\t"
        "cmovncq %[s3], %[t3]\n\t"
        : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [s0] "=&r"(s0), [s1] "=&r"(s1),
          [s2] "=&r"(s2), [s3] "=&r"(s3)
        : [b0] "m"(b[0]), [b1] "m"(b[1]), [b2] "m"(b[2]), [b3] "m"(b[3]), [m0] "m"(m[0]), [m1] "m"(m[1]),
          [m2] "m"(m[2]), [m3] "m"(m[3])
        : "cc");
    return {t0, t1, t2, t3};
}

/// a − b modulo the modulus, of operands below it.
[[gnu::always_inline]] inline Limbs subtract_modulo_x86(const Limbs& a, const Limbs& b, const Limbs& m) {
    auto t0 = a[0], t1 = a[1], t2 = a[2], t3 = a[3];
    std::uint64_t s0, s1, s2, s3;
    asm("xorl %k[s0], %k[s0]\n\t"
        "xorl %k[s1], %k[s1]\n\t"
        "xorl %k[s2], %k[s2]\n\t"
        "xorl %k[s3], %k[s3]\n\t"
        "subq %[b0], %[t0]\n\t"
        "sbbq %[b1], %[t1]\n\t"
        "sbbq %[b2], %[t2]\n\t"
        "sbbq %[b3], %[t3]\n\t"
        "cmovcq %[m0], %[s0]\n\t"
        "cmovcq %[m1], %[s1]\n\t"
        "cmovcq %[m2], %[s2]\n\t"
        "cmovcq %[m3], %[s3]\n\t"
        "addq %[s0], %[t0]\n\t"
        "adcq %[s1], %[t1]\n\t"
        "adcq %[s2], %[t2]\n\t"
        "adcq %[s3], %[t3]\n\t"
        : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [s0] "=&r"(s0), [s1] "=&r"(s1),
          [s2] "=&r"(s2), [s3] "=&r"(s3)
        : [b0] "m"(b[0]), [b1] "m"(b[1]), [b2] "m"(b[2]), [b3] "m"(b[3]), [m0] "m"(m[0]), [m1] "m"(m[1]),
          [m2] "m"(m[2]), [m3] "m"(m[3])
        : "cc");
    return {t0, t1, t2, t3};
}

#endif

}  // namespace valence::crypto
