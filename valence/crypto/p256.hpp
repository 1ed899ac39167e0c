// ECDSA verification on NIST P-256 (FIPS 186-5; EIP-7951).
#pragma once

#include "valence/base/base.hpp"

namespace valence::crypto {

struct P256PublicKey {
    U256 x;
    U256 y;
};

/// Whether (r, s) signs `digest` under `key`. False when r or s is not in [1, order), or the key is not a
/// finite point of the curve with coordinates below the field's prime. Either of s and order − s is accepted.
bool p256_verify(const Hash& digest, const U256& r, const U256& s, const P256PublicKey& key);

}  // namespace valence::crypto
