// The fields from which challenges are drawn: degree 2 over Goldilocks for 100 bits of security, degree 3 for
// 128. Everything above them is a template over the extension.
//
//     degree 2:  F[u] / (u² − 7), 7 being no square
//     degree 3:  F[v] / (v³ − v − 1), irreducible over F
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "valence/zk/protocol/field/goldilocks.hpp"

namespace valence::zk {

/// An element c[0] + c[1]·u (+ c[2]·u²), coefficients canonical, so that equal elements are equal words.
template <int Degree>
    requires(Degree == 2 || Degree == 3)
class Extension {
public:
    static constexpr int kDegree = Degree;
    /// Bits of the field's size, rounded down.
    static constexpr int kBits = 64 * Degree - 1;
    /// Bytes of an element's encoding: the coefficients in order, little-endian, each below p.
    static constexpr std::size_t kBytes = 8 * Degree;
    using Coefficients = std::array<Goldilocks, Degree>;

    constexpr Extension() = default;
    /// The base element as an element here.
    constexpr Extension(Goldilocks base) { c_[0] = base; }
    constexpr explicit Extension(std::uint64_t word) : Extension(Goldilocks(word)) {}
    constexpr explicit Extension(const Coefficients& coefficients) : c_(coefficients) {}

    constexpr const Coefficients& coefficients() const { return c_; }
    constexpr Goldilocks operator[](std::size_t i) const { return c_[i]; }

    constexpr bool operator==(const Extension&) const = default;
    constexpr bool is_zero() const { return *this == Extension(); }

    friend constexpr Extension operator+(Extension a, const Extension& b) {
        for (std::size_t i = 0; i < Degree; ++i)
            a.c_[i] += b.c_[i];
        return a;
    }
    friend constexpr Extension operator-(Extension a, const Extension& b) {
        for (std::size_t i = 0; i < Degree; ++i)
            a.c_[i] -= b.c_[i];
        return a;
    }
    constexpr Extension operator-() const { return Extension() - *this; }
    [[gnu::always_inline]] friend constexpr Extension operator*(Extension a, Goldilocks b) {
        for (std::size_t i = 0; i < Degree; ++i)
            a.c_[i] *= b;
        return a;
    }
    friend constexpr Extension operator*(Goldilocks a, const Extension& b) { return b * a; }
    /// Inline wherever it is used: a call costs as much as the product.
    [[gnu::always_inline]] friend constexpr Extension operator*(const Extension& a, const Extension& b) {
        if constexpr (Degree == 2) {
            const auto& [a0, a1] = a.c_;
            const auto& [b0, b1] = b.c_;
            return Extension(Coefficients{Goldilocks::multiply_add(a0, b0, a1 * b1, 7),
                                          Goldilocks::sum_of_products(a0, b1, a1, b0)});
        } else {
            const auto& [a0, a1, a2] = a.c_;
            const auto& [b0, b1, b2] = b.c_;
            const Goldilocks third = Goldilocks::sum_of_products(a1, b2, a2, b1);  // of v³ = v + 1
            const Goldilocks fourth = a2 * b2;                                     // of v⁴ = v² + v
            return Extension(Coefficients{
                Goldilocks::multiply_add(a0, b0, third),
                Goldilocks::sum_of_products(a0, b1, a1, b0) + third + fourth,
                Goldilocks::sum_of_products(a0, b2, a2, b0) + Goldilocks::multiply_add(a1, b1, fourth)});
        }
    }
    [[gnu::always_inline]] constexpr Extension& operator+=(const Extension& other) {
        return *this = *this + other;
    }
    [[gnu::always_inline]] constexpr Extension& operator-=(const Extension& other) {
        return *this = *this - other;
    }
    [[gnu::always_inline]] constexpr Extension& operator*=(const Extension& other) {
        return *this = *this * other;
    }

    constexpr Extension power(std::uint64_t exponent) const {
        Extension result(std::uint64_t{1});
        for (Extension base = *this; exponent != 0; exponent >>= 1, base *= base) {
            if (exponent & 1) result *= base;
        }
        return result;
    }
    /// 1/this; 0 of 0, which callers exclude. Through the norm: x⁻¹ = (product of x's other conjugates) /
    /// norm(x).
    constexpr Extension inverse() const {
        if constexpr (Degree == 2) {
            const Goldilocks norm = c_[0] * c_[0] - times_seven(c_[1] * c_[1]);
            const Goldilocks scale = norm.inverse();
            return Extension(Coefficients{c_[0] * scale, -c_[1] * scale});
        } else {
            // x's multiplication matrix has the adjugate's first column as the coefficients of norm·x⁻¹.
            const auto& [a, b, c] = c_;
            const Goldilocks ac = a + c;
            const Goldilocks first = ac * ac - b * (b + c);
            const Goldilocks second = c * c - b * a;
            const Goldilocks third = b * b - c * ac;
            const Goldilocks norm = a * first + c * second + b * third;
            const Goldilocks scale = norm.inverse();
            return Extension(Coefficients{first * scale, second * scale, third * scale});
        }
    }

private:
    static constexpr Goldilocks times_seven(Goldilocks x) {
        const Goldilocks twice = x + x;
        const Goldilocks four = twice + twice;
        return four + twice + x;
    }

    Coefficients c_{};
};

using Extension2 = Extension<2>;
using Extension3 = Extension<3>;

/// The fields of challenges.
template <typename E>
concept ExtensionElement = std::same_as<E, Extension2> || std::same_as<E, Extension3>;

/// Anything a message may be made of.
template <typename E>
concept FieldElement = std::same_as<E, Goldilocks> || ExtensionElement<E>;

/// Coefficients over the base field.
template <FieldElement E>
inline constexpr std::size_t kCoefficients = 1;
template <ExtensionElement E>
inline constexpr std::size_t kCoefficients<E> = E::kDegree;

/// The coefficient of u^i; i = 0 for a base element.
constexpr Goldilocks coefficient(Goldilocks element, std::size_t) { return element; }
template <ExtensionElement E>
constexpr Goldilocks coefficient(const E& element, std::size_t i) {
    return element[i];
}

}  // namespace valence::zk
