// The pairing-friendly curve BN254 ("alt_bn128") of EIP-196 and EIP-197: y² = x³ + 3 over F_p, and its twist
// y² = x³ + 3/(9 + i) over F_p². By hand: nothing packaged offers it.
//
//   fp.hpp       the prime field           tower.hpp    its extensions of degree 2, 6 and 12
//   g1.cpp       adding and multiplying    pairing.cpp  the optimal ate pairing
#pragma once

#include <optional>
#include <span>

#include "valence/base/base.hpp"

namespace valence::crypto::bn254 {

/// Order of both groups.
inline constexpr U256 kGroupOrder{0x43e1f593f0000001, 0x2833e84879b97091, 0xb85045b68181585d,
                                  0x30644e72e131a029};

/// Plain coordinates; infinity is (0, 0).
struct G1Point {
    U256 x, y;
    bool operator==(const G1Point&) const = default;
};

/// Coordinates real + i·imaginary; infinity is all zeros.
struct G2Point {
    U256 x_real, x_imaginary, y_real, y_imaginary;
};

struct Pair {
    G1Point p;
    G2Point q;
};

/// a + b. Nothing when a coordinate is not below p or a point is neither on the curve nor infinity.
std::optional<G1Point> add(const G1Point& a, const G1Point& b);

/// scalar · p for any 256-bit scalar. Nothing as for `add`.
std::optional<G1Point> multiply(const G1Point& p, const U256& scalar);

/// Whether Π e(p, q) = 1. True for no pairs. Nothing when a coordinate is not below p, a point is neither on
/// its curve nor infinity, or a q is not in the subgroup of order `kGroupOrder`. (G1 is the whole curve.)
std::optional<bool> pairing_check(std::span<const Pair> pairs);

}  // namespace valence::crypto::bn254
