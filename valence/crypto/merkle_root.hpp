// The Merkle root of a list of digests.
#pragma once

#include <span>

#include "valence/base/base.hpp"

namespace valence::crypto {

/// node = keccak256(0x01 ‖ left ‖ right); the last of an odd number of nodes rises a level as it is; one
/// digest is its own root; none: zero. The list's length is not committed to: leaves must be digests that no
/// node can be.
Hash merkle_root(std::span<const Hash> leaves);

}  // namespace valence::crypto
