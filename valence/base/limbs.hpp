// Kernels on four 64-bit limbs, least significant first: chains of carries that compilers do not find by
// themselves, in assembly for x86-64 and as portable code, which also serves constant evaluation. Held
// against each other in u256_test.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

#include "valence/base/bytes.hpp"

namespace valence::base::limbs {

using Four = std::array<std::uint64_t, 4>;

struct FourAndCarry {
    Four value;
    bool carry;
};

namespace portable {

constexpr FourAndCarry add(const Four& a, const Four& b) {
    FourAndCarry r{};
    UInt128 carry = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        carry += static_cast<UInt128>(a[i]) + b[i];
        r.value[i] = static_cast<std::uint64_t>(carry);
        carry >>= 64;
    }
    r.carry = carry != 0;
    return r;
}

constexpr FourAndCarry sub(const Four& a, const Four& b) {
    FourAndCarry r{};
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const auto difference = static_cast<UInt128>(a[i]) - b[i] - borrow;
        r.value[i] = static_cast<std::uint64_t>(difference);
        borrow = static_cast<std::uint64_t>(difference >> 64) & 1;
    }
    r.carry = borrow != 0;
    return r;
}

}  // namespace portable

#if defined(__x86_64__)
#define VALENCE_LIMBS_ASSEMBLY 1
#else
#define VALENCE_LIMBS_ASSEMBLY 0
#endif

#if VALENCE_LIMBS_ASSEMBLY
namespace x86_64 {

[[gnu::always_inline]] inline Four add(const Four& a, const Four& b) {
    auto r0 = a[0], r1 = a[1], r2 = a[2], r3 = a[3];
    asm("addq %4, %0\n\tadcq %5, %1\n\tadcq %6, %2\n\tadcq %7, %3"
        : "+&r"(r0), "+&r"(r1), "+&r"(r2), "+&r"(r3)
        : "rm"(b[0]), "rm"(b[1]), "rm"(b[2]), "rm"(b[3])
        : "cc");
    return {r0, r1, r2, r3};
}

[[gnu::always_inline]] inline Four sub(const Four& a, const Four& b) {
    auto r0 = a[0], r1 = a[1], r2 = a[2], r3 = a[3];
    asm("subq %4, %0\n\tsbbq %5, %1\n\tsbbq %6, %2\n\tsbbq %7, %3"
        : "+&r"(r0), "+&r"(r1), "+&r"(r2), "+&r"(r3)
        : "rm"(b[0]), "rm"(b[1]), "rm"(b[2]), "rm"(b[3])
        : "cc");
    return {r0, r1, r2, r3};
}

[[gnu::always_inline]] inline bool less(const Four& a, const Four& b) {
    auto r0 = a[0], r1 = a[1], r2 = a[2], r3 = a[3];
    bool borrow = false;
    asm("cmpq %5, %1\n\tsbbq %6, %2\n\tsbbq %7, %3\n\tsbbq %8, %4"
        : "=@ccc"(borrow), "+&r"(r0), "+&r"(r1), "+&r"(r2), "+&r"(r3)
        : "rm"(b[0]), "rm"(b[1]), "rm"(b[2]), "rm"(b[3]));
    return borrow;
}

[[gnu::always_inline]] inline bool signed_less(const Four& a, const Four& b) {
    auto r0 = a[0], r1 = a[1], r2 = a[2], r3 = a[3];
    bool is_less = false;
    asm("cmpq %5, %1\n\tsbbq %6, %2\n\tsbbq %7, %3\n\tsbbq %8, %4"
        : "=@ccl"(is_less), "+&r"(r0), "+&r"(r1), "+&r"(r2), "+&r"(r3)
        : "rm"(b[0]), "rm"(b[1]), "rm"(b[2]), "rm"(b[3]));
    return is_less;
}

}  // namespace x86_64
#endif

constexpr Four add(const Four& a, const Four& b) {
#if VALENCE_LIMBS_ASSEMBLY
    if (!std::is_constant_evaluated()) return x86_64::add(a, b);
#endif
    return portable::add(a, b).value;
}

constexpr Four sub(const Four& a, const Four& b) {
#if VALENCE_LIMBS_ASSEMBLY
    if (!std::is_constant_evaluated()) return x86_64::sub(a, b);
#endif
    return portable::sub(a, b).value;
}

/// a < b.
constexpr bool less(const Four& a, const Four& b) {
#if VALENCE_LIMBS_ASSEMBLY
    if (!std::is_constant_evaluated()) return x86_64::less(a, b);
#endif
    return portable::sub(a, b).carry;
}

/// a < b as two's complement numbers.
constexpr bool signed_less(const Four& a, const Four& b) {
#if VALENCE_LIMBS_ASSEMBLY
    if (!std::is_constant_evaluated()) return x86_64::signed_less(a, b);
#endif
    return ((a[3] ^ b[3]) >> 63 != 0) != portable::sub(a, b).carry;
}

/// The low half of the product: ten multiplications, written out so that the limbs stay in registers.
constexpr Four mul(const Four& a, const Four& b) {
    const auto wide = [](std::uint64_t x, std::uint64_t y) { return static_cast<UInt128>(x) * y; };
    const auto low = [](UInt128 x) { return static_cast<std::uint64_t>(x); };
    const auto p00 = wide(a[0], b[0]);
    const auto p01 = wide(a[0], b[1]);
    const auto p10 = wide(a[1], b[0]);
    const auto p02 = wide(a[0], b[2]);
    const auto p11 = wide(a[1], b[1]);
    const auto p20 = wide(a[2], b[0]);
    const auto r1 = (p00 >> 64) + low(p01) + low(p10);
    const auto r2 = (r1 >> 64) + (p01 >> 64) + (p10 >> 64) + low(p02) + low(p11) + low(p20);
    const auto r3 = low(r2 >> 64) + low(p02 >> 64) + low(p11 >> 64) + low(p20 >> 64) + a[0] * b[3] +
                    a[1] * b[2] + a[2] * b[1] + a[3] * b[0];
    return {low(p00), low(r1), low(r2), r3};
}

/// a × 2^shift and a ÷ 2^shift for shift < 256, by conditional moves rather than a loop over limbs.
constexpr Four shift_left(const Four& a, unsigned shift) {
    auto l0 = a[0], l1 = a[1], l2 = a[2], l3 = a[3];
    const bool two = (shift & 128) != 0;
    l3 = two ? l1 : l3;
    l2 = two ? l0 : l2;
    l1 = two ? 0 : l1;
    l0 = two ? 0 : l0;
    const bool one = (shift & 64) != 0;
    l3 = one ? l2 : l3;
    l2 = one ? l1 : l2;
    l1 = one ? l0 : l1;
    l0 = one ? 0 : l0;
    const auto bits = shift & 63;
    const auto rest = 63 - bits;
    return {l0 << bits, l1 << bits | (l0 >> 1) >> rest, l2 << bits | (l1 >> 1) >> rest,
            l3 << bits | (l2 >> 1) >> rest};
}

constexpr Four shift_right(const Four& a, unsigned shift) {
    auto l0 = a[0], l1 = a[1], l2 = a[2], l3 = a[3];
    const bool two = (shift & 128) != 0;
    l0 = two ? l2 : l0;
    l1 = two ? l3 : l1;
    l2 = two ? 0 : l2;
    l3 = two ? 0 : l3;
    const bool one = (shift & 64) != 0;
    l0 = one ? l1 : l0;
    l1 = one ? l2 : l1;
    l2 = one ? l3 : l2;
    l3 = one ? 0 : l3;
    const auto bits = shift & 63;
    const auto rest = 63 - bits;
    return {l0 >> bits | (l1 << 1) << rest, l1 >> bits | (l2 << 1) << rest, l2 >> bits | (l3 << 1) << rest,
            l3 >> bits};
}

}  // namespace valence::base::limbs
