// Account keys on secp256k1: signing, addresses of keys, and recovering the signer's address.
#pragma once

#include <optional>

#include "valence/base/base.hpp"

namespace valence::crypto {

/// Order of the group.
inline constexpr U256 kSecp256k1Order{0xbfd25e8cd0364141, 0xbaaedce6af48a03b, 0xfffffffffffffffe,
                                      0xffffffffffffffff};

/// The largest s of a canonical signature (EIP-2).
inline constexpr U256 kSecp256k1HalfOrder{0xdfe92f46681b20a0, 0x5d576e7357a4501d, 0xffffffffffffffff,
                                          0x7fffffffffffffff};

/// A private key, 32 big-endian bytes.
using PrivateKey = Hash;

struct Signature {
    U256 r;
    U256 s;
    /// Whether the y coordinate of the nonce point is odd: Ethereum's y parity, v − 27.
    bool y_odd = false;
    bool operator==(const Signature&) const = default;
};

/// Whether the key is in [1, order).
bool is_valid_private_key(const PrivateKey& key);

/// The deterministic (RFC 6979) signature with low s. Nothing when the key is not in [1, order).
std::optional<Signature> sign(const Hash& digest, const PrivateKey& key);

/// The last 20 bytes of keccak256 of the public key. Nothing when the key is not in [1, order).
std::optional<Address> address_of(const PrivateKey& key);

/// The address whose key made the signature (SEC 1, section 4.1.6, for r itself as the x coordinate). Nothing
/// when r or s is not in [1, order), no point has that x, or the key comes out as infinity. A high s is
/// accepted: where EIP-2 forbids it, the caller checks.
std::optional<Address> recover_address(const Hash& digest, const U256& r, const U256& s, bool y_odd);

}  // namespace valence::crypto
