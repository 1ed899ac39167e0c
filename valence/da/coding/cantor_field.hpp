// The fields GF(2⁸) and GF(2¹⁶), their elements written in a Cantor basis.
//
// A Cantor basis is 1 = β₀, β₁, … with βᵢ₊₁² + βᵢ₊₁ = βᵢ; an element Σ bᵢβᵢ is the number with bits bᵢ. In
// these coordinates the polynomial x² + x only shifts: it takes v to v >> 1. The polynomial that vanishes on
// the numbers below 2ʲ, made 1 at 2ʲ, is that shift j times over, and all factors of the fast transform
// (transform.hpp) are shifts of positions. Source: D. Cantor, "On arithmetical algorithms over finite
// fields", 1989; S.-J. Lin, T. Al-Naffouri, Y. Han, W.-H. Chung, "Novel polynomial basis with fast Fourier
// transform and its application to Reed–Solomon erasure codes", 2016; the basis and polynomials are
// Leopard's.
#pragma once

#include <vector>

#include "valence/base/base.hpp"

namespace valence::da {

/// x⁸ + x⁴ + x³ + x² + 1.
struct Bits8 {
    using Element = std::uint8_t;
    static constexpr unsigned kBits = 8;
    static constexpr std::uint32_t kPolynomial = 0x11d;
};

/// x¹⁶ + x⁵ + x³ + x² + 1.
struct Bits16 {
    using Element = std::uint16_t;
    static constexpr unsigned kBits = 16;
    static constexpr std::uint32_t kPolynomial = 0x1002d;
};

template <typename Width>
class CantorField {
public:
    using Element = typename Width::Element;
    static constexpr std::uint32_t kElements = 1u << Width::kBits;
    /// The order of the multiplicative group.
    static constexpr std::uint32_t kOrder = kElements - 1;

    static const CantorField& get();

    /// To the base x; of zero: 0, which no caller may rely on.
    std::uint32_t log(Element a) const { return logs_[a]; }
    /// For any exponent below 2·kOrder.
    Element exp(std::uint32_t exponent) const { return powers_[exponent]; }

    Element multiply(Element a, Element b) const {
        return a == 0 || b == 0 ? Element{0} : exp(log(a) + log(b));
    }
    /// Of a ≠ 0.
    Element inverse(Element a) const { return exp(kOrder - log(a)); }

private:
    CantorField();

    std::vector<std::uint32_t> logs_;
    std::vector<Element> powers_;
};

}  // namespace valence::da
