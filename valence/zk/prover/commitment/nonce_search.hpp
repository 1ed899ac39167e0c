// Grinding on all threads.
#pragma once

#include "valence/zk/protocol/transcript/grinding.hpp"

namespace valence::zk {

/// What least_nonce() gives, whatever the number of threads.
std::uint64_t least_nonce_in_parallel(const Hash& seed, int bits);

}  // namespace valence::zk
