// Points of G1 as the field represents them. Private to this folder.
#pragma once

#include <optional>

#include "valence/crypto/arithmetic/jacobian.hpp"
#include "valence/crypto/bn254/bn254.hpp"
#include "valence/crypto/bn254/fp.hpp"

namespace valence::crypto::bn254 {

using G1Affine = AffinePoint<Fp>;

inline bool is_infinity(const G1Point& p) { return p.x.is_zero() && p.y.is_zero(); }

/// Nothing when a coordinate is not below the prime or the point is not on the curve, as (0, 0) is not.
std::optional<G1Affine> decode(const G1Point& p);

}  // namespace valence::crypto::bn254
