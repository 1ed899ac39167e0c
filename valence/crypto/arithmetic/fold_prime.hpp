// Arithmetic modulo 2^256 − fold for a small `fold`, as secp256k1's field prime has it: a product's upper
// half folds into the lower one by a multiplication with `fold`. Numbers are any of four limbs, not
// necessarily below the prime.
#pragma once

#include "valence/crypto/arithmetic/limbs.hpp"

namespace valence::crypto {

/// A number congruent to the product `wide`.
template <std::uint64_t fold>
constexpr Limbs fold_wide(const WideLimbs& wide) {
    Limbs r{};
    UInt128 sum = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        sum += static_cast<UInt128>(wide[i + 4]) * fold + wide[i];
        r[i] = low(sum);
        sum >>= 64;
    }
    // What is above 2^256 is below 2^34 here; folding it may carry once more, and then leaves a small number.
    std::uint64_t carry = 0;
    const auto top = static_cast<UInt128>(low(sum)) * fold;
    r = add_limbs(r, {low(top), high(top), 0, 0}, carry);
    r[0] += carry * fold;
    return r;
}

template <std::uint64_t fold>
constexpr Limbs fold_multiply_portable(const Limbs& a, const Limbs& b) {
    return fold_wide<fold>(multiply_wide(a, b));
}

template <std::uint64_t fold>
constexpr Limbs fold_add_portable(const Limbs& a, const Limbs& b) {
    std::uint64_t carry = 0;
    auto r = add_limbs(a, b, carry);
    r = add_limbs(r, {carry * fold, 0, 0, 0}, carry);
    r[0] += carry * fold;
    return r;
}

template <std::uint64_t fold>
constexpr Limbs fold_subtract_portable(const Limbs& a, const Limbs& b) {
    std::uint64_t borrow = 0;
    auto r = subtract_limbs(a, b, borrow);
    r = subtract_limbs(r, {borrow * fold, 0, 0, 0}, borrow);
    r[0] -= borrow * fold;
    return r;
}

/// a/2: the odd prime is added to an odd number first.
template <std::uint64_t fold>
constexpr Limbs fold_half_portable(const Limbs& a) {
    const auto odd = std::uint64_t{0} - (a[0] & 1);
    std::uint64_t carry = 0;
    const auto even = add_limbs(a, {(~fold + 1) & odd, odd, odd, odd}, carry);
    return {even[0] >> 1 | even[1] << 63, even[1] >> 1 | even[2] << 63, even[2] >> 1 | even[3] << 63,
            even[3] >> 1 | carry << 63};
}

#if VALENCE_HAS_X86_KERNELS
// clang-format off

/// Folds r4…r7 into r0…r3, as `fold_wide` does. The last carry is next to never set: a branch that is predicted keeps
/// it off the critical path.
#define VALENCE_FOLD                      \
    "movq %[fold], %%rdx\n\t"             \
    "xorl %k[lo], %k[lo]\n\t"             \
    "mulxq %[r4], %[lo], %[hi]\n\t"       \
    "adcxq %[lo], %[r0]\n\t"              \
    "adoxq %[hi], %[r1]\n\t"              \
    "mulxq %[r5], %[lo], %[hi]\n\t"       \
    "adcxq %[lo], %[r1]\n\t"              \
    "adoxq %[hi], %[r2]\n\t"              \
    "mulxq %[r6], %[lo], %[hi]\n\t"       \
    "adcxq %[lo], %[r2]\n\t"              \
    "adoxq %[hi], %[r3]\n\t"              \
    "mulxq %[r7], %[lo], %[r4]\n\t"       \
    "adcxq %[lo], %[r3]\n\t"              \
    "movl $0, %k[lo]\n\t"                 \
    "adoxq %[lo], %[r4]\n\t"              \
    "adcxq %[lo], %[r4]\n\t"              \
    "mulxq %[r4], %[lo], %[hi]\n\t"       \
    "addq %[lo], %[r0]\n\t"               \
    "adcq %[hi], %[r1]\n\t"               \
    "adcq $0, %[r2]\n\t"                  \
    "adcq $0, %[r3]\n\t"                  \
    "jnc 1f\n\t"                          \
    "addq %%rdx, %[r0]\n\t"               \
    "adcq $0, %[r1]\n\t"                  \
    "1:\n\t"

/// Adds a · limb to the columns c0…c3 and starts c4.
#define VALENCE_PRODUCT_ROW(limb, c0, c1, c2, c3, c4)   \
    "movq %[" limb "], %%rdx\n\t"                       \
    "xorl %k[lo], %k[lo]\n\t"                           \
    "mulxq %[a0], %[lo], %[hi]\n\t"                     \
    "adcxq %[lo], %[" c0 "]\n\t"                        \
    "adoxq %[hi], %[" c1 "]\n\t"                        \
    "mulxq %[a1], %[lo], %[hi]\n\t"                     \
    "adcxq %[lo], %[" c1 "]\n\t"                        \
    "adoxq %[hi], %[" c2 "]\n\t"                        \
    "mulxq %[a2], %[lo], %[hi]\n\t"                     \
    "adcxq %[lo], %[" c2 "]\n\t"                        \
    "adoxq %[hi], %[" c3 "]\n\t"                        \
    "mulxq %[a3], %[lo], %[" c4 "]\n\t"                 \
    "adcxq %[lo], %[" c3 "]\n\t"                        \
    "movl $0, %k[lo]\n\t"                               \
    "adoxq %[lo], %[" c4 "]\n\t"                        \
    "adcxq %[lo], %[" c4 "]\n\t"

/// `fold_multiply_portable`, for CPUs where `kHasAdx`.
template <std::uint64_t fold>
[[gnu::always_inline]] inline Limbs fold_multiply_adx(const Limbs& a, const Limbs& b) {
    std::uint64_t r0, r1, r2, r3, r4, r5, r6, r7, lo, hi, multiplier;
    asm("movq %[b0], %%rdx\n\t"
        "mulxq %[a0], %[r0], %[r1]\n\t"
        "mulxq %[a1], %[lo], %[r2]\n\t"
        "addq %[lo], %[r1]\n\t"
        "mulxq %[a2], %[lo], %[r3]\n\t"
        "adcq %[lo], %[r2]\n\t"
        "mulxq %[a3], %[lo], %[r4]\n\t"
        "adcq %[lo], %[r3]\n\t"
        "adcq $0, %[r4]\n\t"
        VALENCE_PRODUCT_ROW("b1", "r1", "r2", "r3", "r4", "r5")
        VALENCE_PRODUCT_ROW("b2", "r2", "r3", "r4", "r5", "r6")
        VALENCE_PRODUCT_ROW("b3", "r3", "r4", "r5", "r6", "r7")
        VALENCE_FOLD
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [r4] "=&r"(r4), [r5] "=&r"(r5),
          [r6] "=&r"(r6), [r7] "=&r"(r7), [lo] "=&r"(lo), [hi] "=&r"(hi), "=&d"(multiplier)
        : [a0] "m"(a[0]), [a1] "m"(a[1]), [a2] "m"(a[2]), [a3] "m"(a[3]), [b0] "m"(b[0]), [b1] "m"(b[1]),
          [b2] "m"(b[2]), [b3] "m"(b[3]), [fold] "i"(fold)
        : "cc");
    return {r0, r1, r2, r3};
}

/// The square, each mixed product computed once and doubled.
template <std::uint64_t fold>
[[gnu::always_inline]] inline Limbs fold_square_adx(const Limbs& a) {
    std::uint64_t r0, r1, r2, r3, r4, r5, r6, r7, lo, hi, multiplier;
    asm("movq %[a0], %%rdx\n\t"
        "mulxq %[a1], %[r1], %[r2]\n\t"
        "mulxq %[a2], %[lo], %[r3]\n\t"
        "addq %[lo], %[r2]\n\t"
        "mulxq %[a3], %[lo], %[r4]\n\t"
        "adcq %[lo], %[r3]\n\t"
        "adcq $0, %[r4]\n\t"
        "movq %[a1], %%rdx\n\t"
        "xorl %k[r7], %k[r7]\n\t"
        "mulxq %[a2], %[lo], %[hi]\n\t"
        "adcxq %[lo], %[r3]\n\t"
        "adoxq %[hi], %[r4]\n\t"
        "mulxq %[a3], %[lo], %[r5]\n\t"
        "adcxq %[lo], %[r4]\n\t"
        "adoxq %[r7], %[r5]\n\t"
        "adcxq %[r7], %[r5]\n\t"
        "movq %[a2], %%rdx\n\t"
        "mulxq %[a3], %[lo], %[r6]\n\t"
        "addq %[lo], %[r5]\n\t"
        "adcq $0, %[r6]\n\t"
        "addq %[r1], %[r1]\n\t"
        "adcq %[r2], %[r2]\n\t"
        "adcq %[r3], %[r3]\n\t"
        "adcq %[r4], %[r4]\n\t"
        "adcq %[r5], %[r5]\n\t"
        "adcq %[r6], %[r6]\n\t"
        "adcq %[r7], %[r7]\n\t"
        "movq %[a0], %%rdx\n\t"
        "mulxq %%rdx, %[r0], %[hi]\n\t"
        "addq %[hi], %[r1]\n\t"
        "movq %[a1], %%rdx\n\t"
        "mulxq %%rdx, %[lo], %[hi]\n\t"
        "adcq %[lo], %[r2]\n\t"
        "adcq %[hi], %[r3]\n\t"
        "movq %[a2], %%rdx\n\t"
        "mulxq %%rdx, %[lo], %[hi]\n\t"
        "adcq %[lo], %[r4]\n\t"
        "adcq %[hi], %[r5]\n\t"
        "movq %[a3], %%rdx\n\t"
        "mulxq %%rdx, %[lo], %[hi]\n\t"
        "adcq %[lo], %[r6]\n\t"
        "adcq %[hi], %[r7]\n\t"
        VALENCE_FOLD
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [r4] "=&r"(r4), [r5] "=&r"(r5),
          [r6] "=&r"(r6), [r7] "=&r"(r7), [lo] "=&r"(lo), [hi] "=&r"(hi), "=&d"(multiplier)
        : [a0] "m"(a[0]), [a1] "m"(a[1]), [a2] "m"(a[2]), [a3] "m"(a[3]), [fold] "i"(fold)
        : "cc");
    return {r0, r1, r2, r3};
}

#undef VALENCE_FOLD
#undef VALENCE_PRODUCT_ROW

template <std::uint64_t fold>
[[gnu::always_inline]] inline Limbs fold_add_x86(const Limbs& a, const Limbs& b) {
    auto t0 = a[0], t1 = a[1], t2 = a[2], t3 = a[3];
    std::uint64_t carry;
    auto folded = fold;
    asm("addq %[b0], %[t0]\n\t"
        "adcq %[b1], %[t1]\n\t"
        "adcq %[b2], %[t2]\n\t"
        "adcq %[b3], %[t3]\n\t"
        "sbbq %[carry], %[carry]\n\t"
        "andq %[fold], %[carry]\n\t"
        "addq %[carry], %[t0]\n\t"
        "adcq $0, %[t1]\n\t"
        "adcq $0, %[t2]\n\t"
        "adcq $0, %[t3]\n\t"
        "jnc 1f\n\t"
        "addq %[fold], %[t0]\n\t"
        "1:\n\t"
        : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [carry] "=&r"(carry)
        : [b0] "m"(b[0]), [b1] "m"(b[1]), [b2] "m"(b[2]), [b3] "m"(b[3]), [fold] "r"(folded)
        : "cc");
    return {t0, t1, t2, t3};
}

template <std::uint64_t fold>
[[gnu::always_inline]] inline Limbs fold_subtract_x86(const Limbs& a, const Limbs& b) {
    auto t0 = a[0], t1 = a[1], t2 = a[2], t3 = a[3];
    std::uint64_t borrow;
    auto folded = fold;
    asm("subq %[b0], %[t0]\n\t"
        "sbbq %[b1], %[t1]\n\t"
        "sbbq %[b2], %[t2]\n\t"
        "sbbq %[b3], %[t3]\n\t"
        "sbbq %[borrow], %[borrow]\n\t"
        "andq %[fold], %[borrow]\n\t"
        "subq %[borrow], %[t0]\n\t"
        "sbbq $0, %[t1]\n\t"
        "sbbq $0, %[t2]\n\t"
        "sbbq $0, %[t3]\n\t"
        "jnc 1f\n\t"
        "subq %[fold], %[t0]\n\t"
        "1:\n\t"
        : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [borrow] "=&r"(borrow)
        : [b0] "m"(b[0]), [b1] "m"(b[1]), [b2] "m"(b[2]), [b3] "m"(b[3]), [fold] "r"(folded)
        : "cc");
    return {t0, t1, t2, t3};
}

template <std::uint64_t fold>
[[gnu::always_inline]] inline Limbs fold_half_x86(const Limbs& a) {
    auto t0 = a[0], t1 = a[1], t2 = a[2], t3 = a[3];
    // The prime where the number is odd, else 0; its upper limbs are all ones.
    const auto ones = std::uint64_t{0} - (t0 & 1);
    auto low = (~fold + 1) & ones;
    auto carry = ones;
    asm("addq %[low], %[t0]\n\t"
        "adcq %[ones], %[t1]\n\t"
        "adcq %[ones], %[t2]\n\t"
        "adcq %[ones], %[t3]\n\t"
        "sbbq %[carry], %[carry]\n\t"
        "shrdq $1, %[t1], %[t0]\n\t"
        "shrdq $1, %[t2], %[t1]\n\t"
        "shrdq $1, %[t3], %[t2]\n\t"
        "shrdq $1, %[carry], %[t3]\n\t"
        : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [carry] "+&r"(carry)
        : [low] "r"(low), [ones] "r"(ones)
        : "cc");
    return {t0, t1, t2, t3};
}
// clang-format on
#endif

}  // namespace valence::crypto
