// SHA-256 (FIPS 180-4).
#pragma once

#include "valence/base/base.hpp"

namespace valence::crypto {

Hash sha256(BytesView input);

}  // namespace valence::crypto
