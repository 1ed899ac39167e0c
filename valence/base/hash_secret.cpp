#include "valence/base/hash_secret.hpp"

#include <sys/random.h>

#include "valence/base/result.hpp"

namespace valence::base {

HashSecret draw_hash_secret() {
    HashSecret secret{};
    VALENCE_CHECK(getrandom(&secret, sizeof secret, 0) == static_cast<ssize_t>(sizeof secret));
    return secret;
}

}  // namespace valence::base
