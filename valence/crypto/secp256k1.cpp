// Keys and signatures by libsecp256k1, whose handling of secrets is constant-time; recovery is
// secp256k1_recover.cpp.
#include "valence/crypto/secp256k1.hpp"

#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include "valence/crypto/keccak.hpp"

namespace valence::crypto {
namespace {

/// Made once for the process. Signing is thread-safe on a context that is never written again.
const secp256k1_context* context() {
    static const secp256k1_context* const made =
        secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
    return made;
}

Address address_of_public_key(const secp256k1_pubkey& key) {
    std::array<std::uint8_t, 65> uncompressed;
    auto size = uncompressed.size();
    secp256k1_ec_pubkey_serialize(context(), uncompressed.data(), &size, &key, SECP256K1_EC_UNCOMPRESSED);
    return from_right_aligned<Address>(keccak256(BytesView{uncompressed}.subspan(1)));
}

}  // namespace

bool is_valid_private_key(const PrivateKey& key) {
    return secp256k1_ec_seckey_verify(context(), key.data()) == 1;
}

std::optional<Signature> sign(const Hash& digest, const PrivateKey& key) {
    secp256k1_ecdsa_recoverable_signature signature;
    if (secp256k1_ecdsa_sign_recoverable(context(), &signature, digest.data(), key.data(), nullptr,
                                         nullptr) != 1) {
        return std::nullopt;
    }
    std::array<std::uint8_t, 64> compact;
    int recovery_id = 0;
    secp256k1_ecdsa_recoverable_signature_serialize_compact(context(), compact.data(), &recovery_id,
                                                            &signature);
    // A nonce point with x ≥ order (recovery ids 2 and 3) has probability 2^-128; Ethereum cannot express it.
    VALENCE_CHECK(recovery_id < 2);
    return Signature{U256::from_be32(compact.data()), U256::from_be32(compact.data() + 32), recovery_id == 1};
}

std::optional<Address> address_of(const PrivateKey& key) {
    secp256k1_pubkey public_key;
    if (secp256k1_ec_pubkey_create(context(), &public_key, key.data()) != 1) return std::nullopt;
    return address_of_public_key(public_key);
}

}  // namespace valence::crypto
