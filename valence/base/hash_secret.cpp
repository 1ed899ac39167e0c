#include "valence/base/hash_secret.hpp"

#include <unistd.h>

#include "valence/base/result.hpp"

namespace valence::base {

HashSecret draw_hash_secret() {
    HashSecret secret{};
    VALENCE_CHECK(getentropy(&secret, sizeof secret) == 0);
    return secret;
}

}  // namespace valence::base
