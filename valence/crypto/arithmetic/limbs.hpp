// Arithmetic on numbers of four 64-bit limbs, least significant first: the kernels under the prime fields of
// this module. Each comes twice, portable and as x86-64 assembly with MULX, ADCX and ADOX (two carry chains
// at a time, which compilers do not produce); `kHasAdx` says at run time which to take. limbs_test.cpp holds
// one against the other.
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

/// A prime below 2^254, with what Montgomery's multiplication needs.
struct MontgomeryModulus {
    Limbs modulus;
    /// −modulus^-1 modulo 2^64.
    std::uint64_t negated_inverse;
};

constexpr MontgomeryModulus montgomery_modulus(const Limbs& modulus) {
    std::uint64_t inverse = 1;
    for (int i = 0; i < 6; ++i)
        inverse *= 2 - modulus[0] * inverse;  // each step doubles the bits that are right
    return {modulus, ~inverse + 1};
}

/// value, or value − modulus if that is not negative.
constexpr Limbs reduce_once(const Limbs& value, const Limbs& modulus) {
    std::uint64_t borrow = 0;
    const auto less = subtract_limbs(value, modulus, borrow);
    return borrow != 0 ? value : less;
}

/// a · b / 2^256 modulo the modulus, of operands below it: Montgomery's multiplication, operand scanning. The
/// modulus leaves two bits free, so that no intermediate sum needs a fifth limb.
constexpr Limbs montgomery_multiply_portable(const Limbs& a, const Limbs& b, const MontgomeryModulus& m) {
    Limbs t{};
    for (std::size_t i = 0; i < 4; ++i) {
        auto product = static_cast<UInt128>(a[0]) * b[i] + t[0];
        const auto factor = low(product) * m.negated_inverse;
        auto reduction = static_cast<UInt128>(factor) * m.modulus[0] + low(product);
        for (std::size_t j = 1; j < 4; ++j) {
            product = static_cast<UInt128>(a[j]) * b[i] + t[j] + high(product);
            reduction = static_cast<UInt128>(factor) * m.modulus[j] + low(product) + high(reduction);
            t[j - 1] = low(reduction);
        }
        t[3] = high(reduction) + high(product);
    }
    return reduce_once(t, m.modulus);
}

#if VALENCE_HAS_X86_KERNELS

// Pieces of Montgomery's multiplication: rows of the product (a times a limb, added to t with `top` above
// it), the reduction t = (t + factor · modulus) / 2^64 that follows each, and the last conditional
// subtraction.
// clang-format off
#define VALENCE_MONTGOMERY_FIRST_ROW                                         \
    "movq %[b0], %%rdx\n\t"                                                  \
    "xorl %k[tmp], %k[tmp]\n\t"                                              \
    "mulxq %[a0], %[t0], %[t1]\n\t"                                          \
    "mulxq %[a1], %[tmp], %[t2]\n\t"                                         \
    "adcxq %[tmp], %[t1]\n\t"                                                \
    "mulxq %[a2], %[tmp], %[t3]\n\t"                                         \
    "adcxq %[tmp], %[t2]\n\t"                                                \
    "mulxq %[a3], %[tmp], %[top]\n\t"                                        \
    "adcxq %[tmp], %[t3]\n\t"                                                \
    "movl $0, %k[tmp]\n\t"                                                   \
    "adcxq %[tmp], %[top]\n\t"
#define VALENCE_MONTGOMERY_REDUCE                                            \
    "movq %[t0], %%rdx\n\t"                                                  \
    "mulxq %[ninv], %%rdx, %[tmp]\n\t"                                       \
    "xorl %k[tmp], %k[tmp]\n\t"                                              \
    "mulxq %[m0], %[tmp], %[carry]\n\t"                                      \
    "adcxq %[t0], %[tmp]\n\t"                                                \
    "movq %[carry], %[t0]\n\t"                                               \
    "mulxq %[m1], %[tmp], %[carry]\n\t"                                      \
    "adcxq %[t1], %[t0]\n\t"                                                 \
    "adoxq %[tmp], %[t0]\n\t"                                                \
    "movq %[carry], %[t1]\n\t"                                               \
    "mulxq %[m2], %[tmp], %[carry]\n\t"                                      \
    "adcxq %[t2], %[t1]\n\t"                                                 \
    "adoxq %[tmp], %[t1]\n\t"                                                \
    "movq %[carry], %[t2]\n\t"                                               \
    "mulxq %[m3], %[tmp], %[carry]\n\t"                                      \
    "adcxq %[t3], %[t2]\n\t"                                                 \
    "adoxq %[tmp], %[t2]\n\t"                                                \
    "movq %[carry], %[t3]\n\t"                                               \
    "movl $0, %k[tmp]\n\t"                                                   \
    "adcxq %[tmp], %[t3]\n\t"                                                \
    "adoxq %[top], %[t3]\n\t"
#define VALENCE_MONTGOMERY_ROW(limb)                                         \
    "movq " limb ", %%rdx\n\t"                                               \
    "xorl %k[tmp], %k[tmp]\n\t"                                              \
    "mulxq %[a0], %[tmp], %[top]\n\t"                                        \
    "adoxq %[tmp], %[t0]\n\t"                                                \
    "adcxq %[top], %[t1]\n\t"                                                \
    "mulxq %[a1], %[tmp], %[top]\n\t"                                        \
    "adoxq %[tmp], %[t1]\n\t"                                                \
    "adcxq %[top], %[t2]\n\t"                                                \
    "mulxq %[a2], %[tmp], %[top]\n\t"                                        \
    "adoxq %[tmp], %[t2]\n\t"                                                \
    "adcxq %[top], %[t3]\n\t"                                                \
    "mulxq %[a3], %[tmp], %[top]\n\t"                                        \
    "adoxq %[tmp], %[t3]\n\t"                                                \
    "movl $0, %k[tmp]\n\t"                                                   \
    "adcxq %[tmp], %[top]\n\t"                                               \
    "adoxq %[tmp], %[top]\n\t"
#define VALENCE_MONTGOMERY_LAST_STEP                                         \
    "movq %[t0], %%rdx\n\t"                                                  \
    "movq %[t1], %[top]\n\t"                                                 \
    "movq %[t2], %[tmp]\n\t"                                                 \
    "movq %[t3], %[carry]\n\t"                                               \
    "subq %[m0], %[t0]\n\t"                                                  \
    "sbbq %[m1], %[t1]\n\t"                                                  \
    "sbbq %[m2], %[t2]\n\t"                                                  \
    "sbbq %[m3], %[t3]\n\t"                                                  \
    "cmovcq %%rdx, %[t0]\n\t"                                                \
    "cmovcq %[top], %[t1]\n\t"                                               \
    "cmovcq %[tmp], %[t2]\n\t"                                               \
    "cmovcq %[carry], %[t3]\n\t"
// clang-format on

/// `montgomery_multiply_portable`, for CPUs where `kHasAdx`.
[[gnu::always_inline]] inline Limbs montgomery_multiply_adx(const Limbs& a, const Limbs& b,
                                                            const MontgomeryModulus& m) {
    std::uint64_t t0, t1, t2, t3, top, temporary, carry, multiplier;
    // clang-format off
    asm(VALENCE_MONTGOMERY_FIRST_ROW
        VALENCE_MONTGOMERY_REDUCE
        VALENCE_MONTGOMERY_ROW("%[b1]")
        VALENCE_MONTGOMERY_REDUCE
        VALENCE_MONTGOMERY_ROW("%[b2]")
        VALENCE_MONTGOMERY_REDUCE
        VALENCE_MONTGOMERY_ROW("%[b3]")
        VALENCE_MONTGOMERY_REDUCE
        VALENCE_MONTGOMERY_LAST_STEP
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [top] "=&r"(top),
          [tmp] "=&r"(temporary), [carry] "=&r"(carry), "=&d"(multiplier)
        : [a0] "m"(a[0]), [a1] "m"(a[1]), [a2] "m"(a[2]), [a3] "m"(a[3]), [b0] "m"(b[0]), [b1] "m"(b[1]),
          [b2] "m"(b[2]), [b3] "m"(b[3]), [m0] "m"(m.modulus[0]), [m1] "m"(m.modulus[1]), [m2] "m"(m.modulus[2]),
          [m3] "m"(m.modulus[3]), [ninv] "m"(m.negated_inverse)
        : "cc");
    // clang-format on
    return {t0, t1, t2, t3};
}

/// (a · b + c · d) / 2^256 modulo the modulus: two products and one reduction, whose chains overlap. The
/// operands are at most the modulus.
[[gnu::always_inline]] inline Limbs montgomery_multiply_sum_adx(const Limbs& a, const Limbs& b,
                                                                const Limbs& c, const Limbs& d,
                                                                const MontgomeryModulus& m) {
    std::uint64_t t0, t1, t2, t3, top, temporary, carry, multiplier;
    // clang-format off
    // Adds c · limb, after a · another limb has set `top`.
#define VALENCE_SECOND_ROW(limb)                                             \
    "movq " limb ", %%rdx\n\t"                                               \
    "xorl %k[tmp], %k[tmp]\n\t"                                              \
    "mulxq %[c0], %[tmp], %[carry]\n\t"                                      \
    "adoxq %[tmp], %[t0]\n\t"                                                \
    "adcxq %[carry], %[t1]\n\t"                                              \
    "mulxq %[c1], %[tmp], %[carry]\n\t"                                      \
    "adoxq %[tmp], %[t1]\n\t"                                                \
    "adcxq %[carry], %[t2]\n\t"                                              \
    "mulxq %[c2], %[tmp], %[carry]\n\t"                                      \
    "adoxq %[tmp], %[t2]\n\t"                                                \
    "adcxq %[carry], %[t3]\n\t"                                              \
    "mulxq %[c3], %[tmp], %[carry]\n\t"                                      \
    "adoxq %[tmp], %[t3]\n\t"                                                \
    "adcxq %[carry], %[top]\n\t"                                             \
    "movl $0, %k[tmp]\n\t"                                                   \
    "adoxq %[tmp], %[top]\n\t"
    asm(VALENCE_MONTGOMERY_FIRST_ROW
        VALENCE_SECOND_ROW("%[d0]")
        VALENCE_MONTGOMERY_REDUCE
        VALENCE_MONTGOMERY_ROW("%[b1]")
        VALENCE_SECOND_ROW("%[d1]")
        VALENCE_MONTGOMERY_REDUCE
        VALENCE_MONTGOMERY_ROW("%[b2]")
        VALENCE_SECOND_ROW("%[d2]")
        VALENCE_MONTGOMERY_REDUCE
        VALENCE_MONTGOMERY_ROW("%[b3]")
        VALENCE_SECOND_ROW("%[d3]")
        VALENCE_MONTGOMERY_REDUCE
        VALENCE_MONTGOMERY_LAST_STEP
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [top] "=&r"(top),
          [tmp] "=&r"(temporary), [carry] "=&r"(carry), "=&d"(multiplier)
        : [a0] "m"(a[0]), [a1] "m"(a[1]), [a2] "m"(a[2]), [a3] "m"(a[3]), [b0] "m"(b[0]), [b1] "m"(b[1]),
          [b2] "m"(b[2]), [b3] "m"(b[3]), [c0] "m"(c[0]), [c1] "m"(c[1]), [c2] "m"(c[2]), [c3] "m"(c[3]),
          [d0] "m"(d[0]), [d1] "m"(d[1]), [d2] "m"(d[2]), [d3] "m"(d[3]), [m0] "m"(m.modulus[0]),
          [m1] "m"(m.modulus[1]), [m2] "m"(m.modulus[2]), [m3] "m"(m.modulus[3]), [ninv] "m"(m.negated_inverse)
        : "cc");
#undef VALENCE_SECOND_ROW
#undef VALENCE_MONTGOMERY_FIRST_ROW
#undef VALENCE_MONTGOMERY_ROW
#undef VALENCE_MONTGOMERY_REDUCE
#undef VALENCE_MONTGOMERY_LAST_STEP
    // clang-format on
    return {t0, t1, t2, t3};
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
