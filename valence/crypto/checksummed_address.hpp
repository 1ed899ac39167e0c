// An address as people read it: "0x…" with the mixed case of EIP-55.
#pragma once

#include <string>

#include "valence/base/base.hpp"

namespace valence::crypto {

std::string checksummed_address(const Address& address);

}  // namespace valence::crypto
