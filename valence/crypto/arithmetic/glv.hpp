// Splitting a scalar k into halves k = k1 + k2·λ modulo the group order, for curves with an endomorphism that
// multiplies by λ (Gallant, Lambert and Vanstone, "Faster point multiplication on elliptic curves with
// efficient endomorphisms", 2001).
#pragma once

#include "valence/crypto/arithmetic/limbs.hpp"

namespace valence::crypto {

/// A number of little more than 128 bits and its sign.
struct SignedScalar {
    U256 magnitude;
    bool negative = false;
};

struct SplitScalar {
    SignedScalar k1, k2;
};

/// A basis (a1, −b1), (a2, b2) of the lattice of pairs (x, y) with x + y·λ ≡ 0, all four numbers positive,
/// and b2·2^320/order and b1·2^320/order, rounded.
struct GlvBasis {
    U256 a1, b1, a2, b2;
    U256 b2_over_order, b1_over_order;
};

namespace detail {
/// a · b / 2^320, rounded.
constexpr U256 multiply_high(const U256& a, const U256& b) {
    const auto product = multiply_wide(a.limbs, b.limbs);
    return U256{product[5], product[6], product[7], 0} + U256{product[4] >> 63};
}

constexpr SignedScalar signed_scalar(const U256& twos_complement) {
    return twos_complement.is_negative() ? SignedScalar{-twos_complement, true}
                                         : SignedScalar{twos_complement, false};
}
}  // namespace detail

/// For k below the order. The halves are below 2^128 in magnitude for the curves used here.
constexpr SplitScalar split_scalar(const U256& k, const GlvBasis& basis) {
    const auto c1 = detail::multiply_high(k, basis.b2_over_order);
    const auto c2 = detail::multiply_high(k, basis.b1_over_order);
    return {detail::signed_scalar(k - c1 * basis.a1 - c2 * basis.a2),
            detail::signed_scalar(c1 * basis.b1 - c2 * basis.b2)};
}

}  // namespace valence::crypto
