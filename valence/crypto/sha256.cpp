// OpenSSL's low-level interface: its one-shot function looks the algorithm up by name at every call, which
// costs more than hashing a few blocks. The kernel (SHA-NI, AVX2, scalar) is chosen by OpenSSL at run time
// either way.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "valence/crypto/sha256.hpp"

#include <openssl/sha.h>

namespace valence::crypto {

Hash sha256(BytesView input) {
    Hash digest;
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, input.data(), input.size());
    SHA256_Final(digest.data(), &state);
    return digest;
}

}  // namespace valence::crypto
