// The curve BLS12-381 as EIP-2537 encodes and uses it, on blst.
//
// A field element is 64 bytes, big-endian and below the prime; an element of F_p² is its real part, then its
// imaginary part; a point is x, then y, and infinity is all zeros. Every function answers nothing when an
// operand is not so encoded or its point is not on the curve (or, where the function says so, not in the
// subgroup of prime order).
#pragma once

#include <optional>

#include "valence/base/base.hpp"

namespace valence::crypto::bls12_381 {

inline constexpr std::size_t kFpSize = 64;
inline constexpr std::size_t kG1Size = 2 * kFpSize;
inline constexpr std::size_t kG2Size = 4 * kFpSize;
inline constexpr std::size_t kScalarSize = 32;

/// `pair` is two points, 256 bytes. Subgroup membership is not asked for.
std::optional<Bytes> g1_add(BytesView pair);
/// `pair` is two points, 512 bytes. Subgroup membership is not asked for.
std::optional<Bytes> g2_add(BytesView pair);

/// Σ scalar · point over terms of 160 bytes (point, then any 256-bit scalar), at least one. Points must be in
/// G1.
std::optional<Bytes> g1_msm(BytesView terms);
/// Σ scalar · point over terms of 288 bytes (point, then any 256-bit scalar), at least one. Points must be in
/// G2.
std::optional<Bytes> g2_msm(BytesView terms);

/// Whether Π e(P, Q) = 1 over pairs of 384 bytes (P in G1, then Q in G2), at least one.
std::optional<bool> pairing_check(BytesView pairs);

/// Maps a field element (64 bytes) to G1 by simplified SWU with cofactor clearing (RFC 9380, section 6.6.3).
std::optional<Bytes> map_fp_to_g1(BytesView element);
/// Maps an element of F_p² (128 bytes) to G2.
std::optional<Bytes> map_fp2_to_g2(BytesView element);

}  // namespace valence::crypto::bls12_381
