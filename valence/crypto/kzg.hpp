// KZG polynomial commitments of blobs: verifying that a committed polynomial takes a value at a point
// (EIP-4844).
#pragma once

#include "valence/base/base.hpp"

namespace valence::crypto::kzg {

/// A compressed point of G1: a commitment or a proof.
using Point = std::array<std::uint8_t, 48>;

/// Order of the scalar field of BLS12-381.
inline constexpr U256 kScalarModulus{0xffffffff00000001, 0x53bda402fffe5bfe, 0x3339d80809a1d805,
                                     0x73eda753299d7d48};

inline constexpr std::uint64_t kFieldElementsPerBlob = 4096;

/// The hash under which a transaction names a blob: SHA-256 of the commitment, its first byte set to
/// version 1.
Hash versioned_hash(const Point& commitment);

/// Whether `proof` shows that the polynomial committed to takes the value y at z. False also when z or y is
/// not below the modulus, or a point is not a canonically encoded member of the group.
bool verify_point_evaluation(const Point& commitment, const U256& z, const U256& y, const Point& proof);

}  // namespace valence::crypto::kzg
