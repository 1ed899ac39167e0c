// Multiplications by Karatsuba's method throughout (Devegili et al., "Multiplication and squaring on
// pairing-friendly fields", 2006).
#include "valence/crypto/bn254/tower.hpp"

namespace valence::crypto::bn254 {

namespace detail {
[[gnu::noinline]] Fp2 multiply_out_of_line(const Fp2& a, const Fp2& b) { return multiply_inline(a, b); }
[[gnu::noinline]] Fp2 square_out_of_line(const Fp2& a) { return square_inline(a); }
}  // namespace detail

#if VALENCE_HAS_X86_KERNELS
namespace {

/// What an element of F_p² is multiplied by: from `imaginary` on, the factors of its real and imaginary part
/// that sum to the product's imaginary part; from `real` on, those that sum to its real part.
struct Factor {
    Limbs imaginary, real, minus_imaginary;
};
static_assert(sizeof(Factor) == 96 && sizeof(Fp2) == 64);

// Written limb by limb: vector moves would wait for the stores of single limbs to complete.
[[gnu::always_inline]] inline Limbs copy(const Limbs& a) { return {a[0], a[1], a[2], a[3]}; }
[[gnu::always_inline]] inline Fp2 copy(const Fp2& a) {
    return {{copy(a.real.limbs)}, {copy(a.imaginary.limbs)}};
}
[[gnu::always_inline]] inline Factor factor(const Fp2& b) {
    return {copy(b.imaginary.limbs), copy(b.real.limbs), negated_factor(b.imaginary).limbs};
}

/// In powers of w, where a line is l0 + l1·w + l2·w³: coefficient k is a[k]·l0 + a[k − 1]·l1 + a[k − 3]·l2.
/// As sums of products with one reduction each, that takes more multiplications than Karatsuba's way, but
/// hardly any additions.
Fp12 multiply_line_by_rows(const Fp12& a, const Line& line) {
    const std::array<Fp2, 9> window{times_xi(a.c1.c1), times_xi(a.c0.c2), times_xi(a.c1.c2),
                                    copy(a.c0.c0),     copy(a.c1.c0),     copy(a.c0.c1),
                                    copy(a.c1.c1),     copy(a.c0.c2),     copy(a.c1.c2)};
    const std::array<Factor, 3> factors{factor(line.l2), factor(line.l1), factor(line.l0)};
    const auto coefficient = [&](std::size_t k) -> Fp2 {
        const auto* const from = &window[k].real.limbs;
        constexpr int kTwoOn = 2 * sizeof(Fp2);
        constexpr int kThreeOn = 3 * sizeof(Fp2);
        return {{montgomery_six_products_adx<kTwoOn, kThreeOn>(from, &factors[0].real, kMontgomery)},
                {montgomery_six_products_adx<kTwoOn, kThreeOn>(from, &factors[0].imaginary, kMontgomery)}};
    };
    return {{coefficient(0), coefficient(2), coefficient(4)},
            {coefficient(1), coefficient(3), coefficient(5)}};
}

}  // namespace
#endif

Fp2 Fp2::inverse() const {
    const auto norm = square(real) + square(imaginary);
    const auto k = norm.inverse();
    return {real * k, -(imaginary * k)};
}

Fp6 operator*(const Fp6& a, const Fp6& b) {
    const auto t0 = a.c0 * b.c0;
    const auto t1 = a.c1 * b.c1;
    const auto t2 = a.c2 * b.c2;
    return {t0 + times_xi((a.c1 + a.c2) * (b.c1 + b.c2) - t1 - t2),
            (a.c0 + a.c1) * (b.c0 + b.c1) - t0 - t1 + times_xi(t2),
            (a.c0 + a.c2) * (b.c0 + b.c2) - t0 - t2 + t1};
}

Fp6 multiply_sparse(const Fp6& a, const Fp2& b0, const Fp2& b1) {
    const auto t0 = a.c0 * b0;
    const auto t1 = a.c1 * b1;
    return {t0 + times_xi((a.c1 + a.c2) * b1 - t1), (a.c0 + a.c1) * (b0 + b1) - t0 - t1, a.c2 * b0 + t1};
}

Fp6 Fp6::inverse() const {
    const auto t0 = square(c0) - times_xi(c1 * c2);
    const auto t1 = times_xi(square(c2)) - c0 * c1;
    const auto t2 = square(c1) - c0 * c2;
    const auto k = (c0 * t0 + times_xi(c2 * t1 + c1 * t2)).inverse();
    return {t0 * k, t1 * k, t2 * k};
}

Fp12 Fp12::one() { return {{Fp2::one(), {}, {}}, {}}; }

Fp12 operator*(const Fp12& a, const Fp12& b) {
    const auto t0 = a.c0 * b.c0;
    const auto t1 = a.c1 * b.c1;
    return {t0 + times_v(t1), (a.c0 + a.c1) * (b.c0 + b.c1) - t0 - t1};
}

Fp12 square(const Fp12& a) {
    const auto product = a.c0 * a.c1;
    const auto c0 = (a.c0 + a.c1) * (a.c0 + times_v(a.c1)) - product - times_v(product);
    return {c0, product + product};
}

Fp12 multiply_line(const Fp12& a, const Line& line) {
#if VALENCE_HAS_X86_KERNELS
    if (kHasAdx) [[likely]]
        return multiply_line_by_rows(a, line);
#endif
    return detail::multiply_line_karatsuba(a, line);
}

Fp12 detail::multiply_line_karatsuba(const Fp12& a, const Line& line) {
    const Fp6 t0{a.c0.c0 * line.l0, a.c0.c1 * line.l0, a.c0.c2 * line.l0};
    const auto t1 = multiply_sparse(a.c1, line.l1, line.l2);
    return {t0 + times_v(t1), multiply_sparse(a.c0 + a.c1, line.l0 + line.l1, line.l2) - t0 - t1};
}

Fp12 Fp12::inverse() const {
    const auto k = (c0 * c0 - times_v(c1 * c1)).inverse();
    return {c0 * k, -(c1 * k)};
}

Fp12 frobenius(const Fp12& a) {
    const auto& f = kFrobeniusFactors;
    return {{conjugate(a.c0.c0), conjugate(a.c0.c1) * f[2], conjugate(a.c0.c2) * f[4]},
            {conjugate(a.c1.c0) * f[1], conjugate(a.c1.c1) * f[3], conjugate(a.c1.c2) * f[5]}};
}

Fp12 cyclotomic_square(const Fp12& a) {
    // Squares of three elements x + y·t of F_p⁴ = F_p²[t] / (t² − ξ), from six squarings in F_p².
    struct Square {
        Fp2 constant, linear;
    };
    const auto square_in_fp4 = [](const Fp2& x, const Fp2& y) -> Square {
        const auto xx = square(x);
        const auto yy = square(y);
        return {xx + times_xi(yy), square(x + y) - xx - yy};
    };
    const auto s0 = square_in_fp4(a.c0.c0, a.c1.c1);
    const auto s1 = square_in_fp4(a.c1.c0, a.c0.c2);
    const auto s2 = square_in_fp4(a.c0.c1, a.c1.c2);
    const auto thrice_less_twice = [](const Fp2& s, const Fp2& x) { return twice(s - x) + s; };
    const auto thrice_plus_twice = [](const Fp2& s, const Fp2& x) { return twice(s + x) + s; };
    return {{thrice_less_twice(s0.constant, a.c0.c0), thrice_less_twice(s1.constant, a.c0.c1),
             thrice_less_twice(s2.constant, a.c0.c2)},
            {thrice_plus_twice(times_xi(s2.linear), a.c1.c0), thrice_plus_twice(s0.linear, a.c1.c1),
             thrice_plus_twice(s1.linear, a.c1.c2)}};
}

}  // namespace valence::crypto::bn254
