// On OpenSSL's constant tables and field assembly for this curve. Everything about the inputs is checked
// here, so that no consensus rule depends on what a version of OpenSSL lets pass.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "valence/crypto/p256.hpp"

#include <memory>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

namespace valence::crypto {
namespace {

constexpr U256 kPrime{0xffffffffffffffff, 0x00000000ffffffff, 0x0000000000000000, 0xffffffff00000001};
constexpr U256 kOrder{0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000};

struct Free {
    void operator()(BIGNUM* n) const { BN_free(n); }
    void operator()(EC_POINT* p) const { EC_POINT_free(p); }
    void operator()(EC_KEY* k) const { EC_KEY_free(k); }
    void operator()(ECDSA_SIG* s) const { ECDSA_SIG_free(s); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

const EC_GROUP* group() {
    static const EC_GROUP* const made = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    return made;
}

Owned<BIGNUM> to_bignum(const U256& n) {
    const auto bytes = n.to_hash();
    return Owned<BIGNUM>{BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr)};
}

bool is_scalar(const U256& n) { return !n.is_zero() && n < kOrder; }

}  // namespace

bool p256_verify(const Hash& digest, const U256& r, const U256& s, const P256PublicKey& key) {
    if (!is_scalar(r) || !is_scalar(s) || key.x >= kPrime || key.y >= kPrime) return false;

    const Owned<EC_POINT> point{EC_POINT_new(group())};
    const auto x = to_bignum(key.x);
    const auto y = to_bignum(key.y);
    // Answers 0 for a point off the curve; (0, 0), which could stand for infinity, is off it.
    const auto on_curve =
        EC_POINT_set_affine_coordinates(group(), point.get(), x.get(), y.get(), nullptr) == 1;
    auto valid = false;
    if (on_curve) {
        const Owned<EC_KEY> ec_key{EC_KEY_new()};
        const Owned<ECDSA_SIG> signature{ECDSA_SIG_new()};
        ECDSA_SIG_set0(signature.get(), to_bignum(r).release(), to_bignum(s).release());
        valid = EC_KEY_set_group(ec_key.get(), group()) == 1 &&
                EC_KEY_set_public_key(ec_key.get(), point.get()) == 1 &&
                ECDSA_do_verify(digest.data(), static_cast<int>(digest.size()), signature.get(),
                                ec_key.get()) == 1;
    }
    // A refusal leaves entries in this thread's error queue; nobody reads them.
    if (!valid) ERR_clear_error();
    return valid;
}

}  // namespace valence::crypto
