// Inverses modulo odd numbers of 256 bits.
#pragma once

#include "valence/base/base.hpp"

namespace valence::crypto {

/// An odd modulus, with what the inversion needs.
struct InverseModulus {
    U256 modulus;
    /// modulus^-1 modulo 2^62.
    std::uint64_t low_inverse;
};

constexpr InverseModulus inverse_modulus(const U256& modulus) {
    std::uint64_t inverse = 1;
    for (int i = 0; i < 6; ++i)
        inverse *= 2 - modulus.limbs[0] * inverse;
    return {modulus, inverse & ((std::uint64_t{1} << 62) - 1)};
}

/// value^-1 modulo the modulus; 0 for 0. `value` is below the modulus and shares no factor with it, or is 0.
/// Takes time that depends on the value: for public data only.
U256 modular_inverse(const U256& value, const InverseModulus& modulus);

}  // namespace valence::crypto
