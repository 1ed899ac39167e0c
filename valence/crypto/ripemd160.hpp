// RIPEMD-160 (Dobbertin, Bosselaers and Preneel, 1996).
#pragma once

#include "valence/base/base.hpp"

namespace valence::crypto {

std::array<std::uint8_t, 20> ripemd160(BytesView input);

}  // namespace valence::crypto
