// Montgomery's multiplication modulo primes of at most 254 bits, and sums of products with a single
// reduction.
#pragma once

#include "valence/crypto/arithmetic/limbs.hpp"

namespace valence::crypto {

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

// The assembly alternates between rows of the product (the sum += a · limb of b) and steps of the reduction
// (the sum
// += the multiple of the modulus that clears its lowest word, which is then dropped). Words of the sum stay
// where they are: each step renames them, and the cleared word becomes the next top. Flags end a row with a
// plain ADC of zero, which is faster than ADCX of a register made zero.
// clang-format off
/// (t0 … t4) = a · limb, where a's word i is at the address `before` i `after`.
#define VALENCE_FIRST_ROW(limb, before, after, t0, t1, t2, t3, t4)                                       \
    "movq " limb ", %%rdx\n\t"                                                                            \
    "mulxq " before "0" after ", %[" t0 "], %[" t1 "]\n\t"                                                              \
    "mulxq " before "1" after ", %[low], %[" t2 "]\n\t"                                                                 \
    "addq %[low], %[" t1 "]\n\t"                                                                          \
    "mulxq " before "2" after ", %[low], %[" t3 "]\n\t"                                                                 \
    "adcq %[low], %[" t2 "]\n\t"                                                                          \
    "mulxq " before "3" after ", %[low], %[" t4 "]\n\t"                                                                 \
    "adcq %[low], %[" t3 "]\n\t"                                                                          \
    "adcq $0, %[" t4 "]\n\t"
/// (t0 … t4) += a · rdx; carries are left in both flags, CF's one of t4's weight, OF's one above it.
#define VALENCE_ADD_PRODUCTS(before, after, t0, t1, t2, t3, t4)                                          \
    "xorl %k[low], %k[low]\n\t"                                                                          \
    "mulxq " before "0" after ", %[low], %[high]\n\t"                                                                   \
    "adcxq %[low], %[" t0 "]\n\t"                                                                         \
    "adoxq %[high], %[" t1 "]\n\t"                                                                        \
    "mulxq " before "1" after ", %[low], %[high]\n\t"                                                                   \
    "adcxq %[low], %[" t1 "]\n\t"                                                                         \
    "adoxq %[high], %[" t2 "]\n\t"                                                                        \
    "mulxq " before "2" after ", %[low], %[high]\n\t"                                                                   \
    "adcxq %[low], %[" t2 "]\n\t"                                                                         \
    "adoxq %[high], %[" t3 "]\n\t"                                                                        \
    "mulxq " before "3" after ", %[low], %[high]\n\t"                                                                   \
    "adcxq %[low], %[" t3 "]\n\t"                                                                         \
    "adoxq %[high], %[" t4 "]\n\t"
#define VALENCE_ROW(limb, before, after, t0, t1, t2, t3, t4)                                             \
    "movq " limb ", %%rdx\n\t"                                                                            \
    VALENCE_ADD_PRODUCTS(before, after, t0, t1, t2, t3, t4)                                               \
    "adcq $0, %[" t4 "]\n\t"
/// The sum is (t1 … t4) afterwards, and t0 is 0.
#define VALENCE_REDUCE(t0, t1, t2, t3, t4)                                                                \
    "movq %[ninv], %%rdx\n\t"                                                                             \
    "imulq %[" t0 "], %%rdx\n\t"                                                                          \
    VALENCE_ADD_PRODUCTS("%[m", "]", t0, t1, t2, t3, t4)                                                  \
    "adcq $0, %[" t4 "]\n\t"
/// The sum, less the modulus unless that is negative.
#define VALENCE_SUBTRACT_MODULUS(t0, t1, t2, t3, spare)                                                          \
    "movq %[" t0 "], %%rdx\n\t"                                                                           \
    "movq %[" t1 "], %[" spare "]\n\t"                                                                       \
    "movq %[" t2 "], %[low]\n\t"                                                                          \
    "movq %[" t3 "], %[high]\n\t"                                                                         \
    "subq %[m0], %[" t0 "]\n\t"                                                                           \
    "sbbq %[m1], %[" t1 "]\n\t"                                                                           \
    "sbbq %[m2], %[" t2 "]\n\t"                                                                           \
    "sbbq %[m3], %[" t3 "]\n\t"                                                                           \
    "cmovcq %%rdx, %[" t0 "]\n\t"                                                                         \
    "cmovcq %[" spare "], %[" t1 "]\n\t"                                                                     \
    "cmovcq %[low], %[" t2 "]\n\t"                                                                        \
    "cmovcq %[high], %[" t3 "]\n\t"
#define VALENCE_MODULUS_OPERANDS(m)                                                                       \
    [m0] "m"((m).modulus[0]), [m1] "m"((m).modulus[1]), [m2] "m"((m).modulus[2]), [m3] "m"((m).modulus[3]), \
    [ninv] "m"((m).negated_inverse)
/// `montgomery_multiply_portable`, for CPUs where `kHasAdx`. One operand may be up to twice the modulus.
[[gnu::always_inline]] inline Limbs montgomery_multiply_adx(const Limbs& a, const Limbs& b,
                                                            const MontgomeryModulus& m) {
    std::uint64_t t0, t1, t2, t3, t4, low, high, multiplier;
    asm(VALENCE_FIRST_ROW("%[b0]", "%[a", "]", "t0", "t1", "t2", "t3", "t4")
        VALENCE_REDUCE("t0", "t1", "t2", "t3", "t4")
        VALENCE_ROW("%[b1]", "%[a", "]", "t1", "t2", "t3", "t4", "t0")
        VALENCE_REDUCE("t1", "t2", "t3", "t4", "t0")
        VALENCE_ROW("%[b2]", "%[a", "]", "t2", "t3", "t4", "t0", "t1")
        VALENCE_REDUCE("t2", "t3", "t4", "t0", "t1")
        VALENCE_ROW("%[b3]", "%[a", "]", "t3", "t4", "t0", "t1", "t2")
        VALENCE_REDUCE("t3", "t4", "t0", "t1", "t2")
        VALENCE_SUBTRACT_MODULUS("t4", "t0", "t1", "t2", "t3")
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [low] "=&r"(low),
          [high] "=&r"(high), "=&d"(multiplier)
        : [a0] "m"(a[0]), [a1] "m"(a[1]), [a2] "m"(a[2]), [a3] "m"(a[3]), [b0] "m"(b[0]), [b1] "m"(b[1]),
          [b2] "m"(b[2]), [b3] "m"(b[3]), VALENCE_MODULUS_OPERANDS(m)
        : "cc");
    return {t4, t0, t1, t2};
}

/// (a · b + c · d) / 2^256 modulo the modulus: two products and one reduction. In each product, one operand may be up
/// to twice the modulus.
[[gnu::always_inline]] inline Limbs montgomery_multiply_sum_adx(const Limbs& a, const Limbs& b, const Limbs& c,
                                                                const Limbs& d, const MontgomeryModulus& m) {
    std::uint64_t t0, t1, t2, t3, t4, low, high, multiplier;
    asm(VALENCE_FIRST_ROW("%[b0]", "%[a", "]", "t0", "t1", "t2", "t3", "t4")
        VALENCE_ROW("%[d0]", "%[c", "]", "t0", "t1", "t2", "t3", "t4")
        VALENCE_REDUCE("t0", "t1", "t2", "t3", "t4")
        VALENCE_ROW("%[b1]", "%[a", "]", "t1", "t2", "t3", "t4", "t0")
        VALENCE_ROW("%[d1]", "%[c", "]", "t1", "t2", "t3", "t4", "t0")
        VALENCE_REDUCE("t1", "t2", "t3", "t4", "t0")
        VALENCE_ROW("%[b2]", "%[a", "]", "t2", "t3", "t4", "t0", "t1")
        VALENCE_ROW("%[d2]", "%[c", "]", "t2", "t3", "t4", "t0", "t1")
        VALENCE_REDUCE("t2", "t3", "t4", "t0", "t1")
        VALENCE_ROW("%[b3]", "%[a", "]", "t3", "t4", "t0", "t1", "t2")
        VALENCE_ROW("%[d3]", "%[c", "]", "t3", "t4", "t0", "t1", "t2")
        VALENCE_REDUCE("t3", "t4", "t0", "t1", "t2")
        VALENCE_SUBTRACT_MODULUS("t4", "t0", "t1", "t2", "t3")
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [low] "=&r"(low),
          [high] "=&r"(high), "=&d"(multiplier)
        : [a0] "m"(a[0]), [a1] "m"(a[1]), [a2] "m"(a[2]), [a3] "m"(a[3]), [b0] "m"(b[0]), [b1] "m"(b[1]),
          [b2] "m"(b[2]), [b3] "m"(b[3]), [c0] "m"(c[0]), [c1] "m"(c[1]), [c2] "m"(c[2]), [c3] "m"(c[3]),
          [d0] "m"(d[0]), [d1] "m"(d[1]), [d2] "m"(d[2]), [d3] "m"(d[3]), VALENCE_MODULUS_OPERANDS(m)
        : "cc");
    return {t4, t0, t1, t2};
}

/// Σ a[k] · b[k] / 2^256 modulo the modulus over six products with one reduction, of operands up to the modulus: a[0]
/// and a[1], two more from `second` bytes and two more from `third` bytes on; b[0] and b[1], two from 96 and two from
/// 192 bytes on.
///
/// Six products overflow five words by a bit, which the sixth row and the reduction carry into another word; the sum is
/// less than three times the modulus in the end.
template <int second, int third>
[[gnu::noinline]] Limbs montgomery_six_products_adx(const Limbs* a, const Limbs* b, const MontgomeryModulus& m) {
    std::uint64_t t0, t1, t2, t3, t4, t5, low, high, multiplier;
#define VALENCE_TOP_CARRIES(t4, t5)                                                                       \
    "movl $0, %k[low]\n\t"                                                                               \
    "adcxq %[low], %[" t4 "]\n\t"                                                                         \
    "adcxq %[low], %[" t5 "]\n\t"                                                                         \
    "adoxq %[low], %[" t5 "]\n\t"
#define VALENCE_STEP(row, word, t0, t1, t2, t3, t4, t5)                                                   \
        row("8*" #word "(%[b])", "8*", "(%[a])", t0, t1, t2, t3, t4)                                      \
        VALENCE_ROW("8*" #word "+32(%[b])", "8*", "+32(%[a])", t0, t1, t2, t3, t4)                        \
        VALENCE_ROW("8*" #word "+96(%[b])", "8*", "+%c[second](%[a])", t0, t1, t2, t3, t4)                \
        VALENCE_ROW("8*" #word "+128(%[b])", "8*", "+32+%c[second](%[a])", t0, t1, t2, t3, t4)            \
        VALENCE_ROW("8*" #word "+192(%[b])", "8*", "+%c[third](%[a])", t0, t1, t2, t3, t4)                \
        "movq 8*" #word "+224(%[b]), %%rdx\n\t"                                                          \
        VALENCE_ADD_PRODUCTS("8*", "+32+%c[third](%[a])", t0, t1, t2, t3, t4)                             \
        VALENCE_TOP_CARRIES(t4, t5)                                                                       \
        "movq %[ninv], %%rdx\n\t"                                                                        \
        "imulq %[" t0 "], %%rdx\n\t"                                                                      \
        VALENCE_ADD_PRODUCTS("%[m", "]", t0, t1, t2, t3, t4)                                              \
        VALENCE_TOP_CARRIES(t4, t5)
    asm("xorl %k[t5], %k[t5]\n\t"
        VALENCE_STEP(VALENCE_FIRST_ROW, 0, "t0", "t1", "t2", "t3", "t4", "t5")
        VALENCE_STEP(VALENCE_ROW, 1, "t1", "t2", "t3", "t4", "t5", "t0")
        VALENCE_STEP(VALENCE_ROW, 2, "t2", "t3", "t4", "t5", "t0", "t1")
        VALENCE_STEP(VALENCE_ROW, 3, "t3", "t4", "t5", "t0", "t1", "t2")
        VALENCE_SUBTRACT_MODULUS("t4", "t5", "t0", "t1", "t3")
        VALENCE_SUBTRACT_MODULUS("t4", "t5", "t0", "t1", "t3")
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [t5] "=&r"(t5),
          [low] "=&r"(low), [high] "=&r"(high), "=&d"(multiplier)
        : [a] "r"(a), [b] "r"(b), [second] "i"(second), [third] "i"(third), VALENCE_MODULUS_OPERANDS(m)
        : "cc", "memory");
#undef VALENCE_STEP
#undef VALENCE_TOP_CARRIES
    return {t4, t5, t0, t1};
}

#undef VALENCE_FIRST_ROW
#undef VALENCE_ADD_PRODUCTS
#undef VALENCE_ROW
#undef VALENCE_REDUCE
#undef VALENCE_SUBTRACT_MODULUS
#undef VALENCE_MODULUS_OPERANDS
// clang-format on

#endif

}  // namespace valence::crypto
