// The extensions of F_p in which BN254's pairing lives:
//     F_p² = F_p[i] / (i² + 1),    F_p⁶ = F_p²[v] / (v³ − ξ) with ξ = 9 + i,    F_p¹² = F_p⁶[w] / (w² − v).
#pragma once

#include "valence/crypto/bn254/fp.hpp"

namespace valence::crypto::bn254 {

struct Fp2 {
    Fp real, imaginary;

    constexpr bool operator==(const Fp2&) const = default;
    constexpr bool is_zero() const { return real.is_zero() && imaginary.is_zero(); }
    static constexpr Fp2 one() { return {Fp::one(), {}}; }
    Fp2 inverse() const;
};

constexpr Fp2 operator+(const Fp2& a, const Fp2& b) { return {a.real + b.real, a.imaginary + b.imaginary}; }
constexpr Fp2 operator-(const Fp2& a, const Fp2& b) { return {a.real - b.real, a.imaginary - b.imaginary}; }
constexpr Fp2 operator-(const Fp2& a) { return {-a.real, -a.imaginary}; }
constexpr Fp2 operator*(const Fp2& a, const Fp& k) { return {a.real * k, a.imaginary * k}; }
constexpr Fp2 twice(const Fp2& a) { return a + a; }
constexpr Fp2 conjugate(const Fp2& a) { return {a.real, -a.imaginary}; }

namespace detail {
[[gnu::always_inline]] constexpr Fp2 multiply_inline(const Fp2& a, const Fp2& b) {
    return {multiply_sum(a.real, b.real, a.imaginary, negated_factor(b.imaginary)),
            multiply_sum(a.real, b.imaginary, a.imaginary, b.real)};
}
[[gnu::always_inline]] constexpr Fp2 square_inline(const Fp2& a) {
    const auto product = a.real * a.imaginary;
    return {(a.real + a.imaginary) * (a.real - a.imaginary), twice(product)};
}
/// Kept out of line: inlining them everywhere overflows the instruction cache.
Fp2 multiply_out_of_line(const Fp2& a, const Fp2& b);
Fp2 square_out_of_line(const Fp2& a);
}  // namespace detail

constexpr Fp2 operator*(const Fp2& a, const Fp2& b) {
    return std::is_constant_evaluated() ? detail::multiply_inline(a, b) : detail::multiply_out_of_line(a, b);
}
constexpr Fp2 square(const Fp2& a) {
    return std::is_constant_evaluated() ? detail::square_inline(a) : detail::square_out_of_line(a);
}

/// ξ · a.
constexpr Fp2 times_xi(const Fp2& a) {
    return {nine_times_plus(a.real, negated_factor(a.imaginary)), nine_times_plus(a.imaginary, a.real)};
}

struct Fp6 {
    Fp2 c0, c1, c2;

    constexpr bool operator==(const Fp6&) const = default;
    Fp6 inverse() const;
};

inline Fp6 operator+(const Fp6& a, const Fp6& b) { return {a.c0 + b.c0, a.c1 + b.c1, a.c2 + b.c2}; }
inline Fp6 operator-(const Fp6& a, const Fp6& b) { return {a.c0 - b.c0, a.c1 - b.c1, a.c2 - b.c2}; }
inline Fp6 operator-(const Fp6& a) { return {-a.c0, -a.c1, -a.c2}; }
inline Fp6 times_v(const Fp6& a) { return {times_xi(a.c2), a.c0, a.c1}; }
Fp6 operator*(const Fp6& a, const Fp6& b);
/// a · (b0 + b1·v).
Fp6 multiply_sparse(const Fp6& a, const Fp2& b0, const Fp2& b1);

struct Fp12 {
    Fp6 c0, c1;

    constexpr bool operator==(const Fp12&) const = default;
    static Fp12 one();
    Fp12 inverse() const;
};

Fp12 operator*(const Fp12& a, const Fp12& b);
Fp12 square(const Fp12& a);
/// The value of a line function of the pairing: l0 + l1·w + l2·v·w.
struct Line {
    Fp2 l0, l1, l2;
};
Fp12 multiply_line(const Fp12& a, const Line& line);
/// a^(p^6): the inverse, in the cyclotomic subgroup.
inline Fp12 conjugate(const Fp12& a) { return {a.c0, -a.c1}; }
/// a^p.
Fp12 frobenius(const Fp12& a);
/// a², for a in the cyclotomic subgroup (Granger and Scott, "Faster squaring in the cyclotomic subgroup of
/// sixth degree extensions", 2010).
Fp12 cyclotomic_square(const Fp12& a);

namespace detail {
/// The portable form.
Fp12 multiply_line_karatsuba(const Fp12& a, const Line& line);
}  // namespace detail

inline constexpr Fp2 kXi{Fp::from(9), Fp::one()};

/// ξ^(i·(p − 1)/6): what Frobenius multiplies w^i by.
inline constexpr auto kFrobeniusFactors = [] {
    constexpr U256 kExponent{0x34b017592414d4e1, 0xee9591c2e6bda1c2, 0xf40d60f3c0403964, 0x0810b7bdd032f006};
    auto root = Fp2::one();
    for (std::size_t bit = 256; bit-- > 0;) {
        root = square(root);
        if ((kExponent.limbs[bit / 64] >> (bit % 64)) & 1) root = root * kXi;
    }
    std::array<Fp2, 6> factors{Fp2::one()};
    for (std::size_t i = 1; i < factors.size(); ++i)
        factors[i] = factors[i - 1] * root;
    return factors;
}();

}  // namespace valence::crypto::bn254
