// OpenSSL's low-level interface: unlike EVP it does not depend on which providers the machine's configuration
// loads.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "valence/crypto/ripemd160.hpp"

#include <openssl/ripemd.h>

namespace valence::crypto {

std::array<std::uint8_t, 20> ripemd160(BytesView input) {
    std::array<std::uint8_t, 20> digest;
    RIPEMD160_CTX state;
    RIPEMD160_Init(&state);
    RIPEMD160_Update(&state, input.data(), input.size());
    RIPEMD160_Final(digest.data(), &state);
    return digest;
}

}  // namespace valence::crypto
