// Proof of work on a nonce: makes it dearer to try transcripts until their query positions suit a forgery.
// One BLAKE3 compression a try.
#pragma once

#include "valence/base/base.hpp"

namespace valence::zk {

/// Whether the digest of seed and nonce begins with `bits` zero bits, 0 ≤ bits ≤ 64.
bool has_work(const Hash& seed, int bits, std::uint64_t nonce);

/// The least nonce that has.
std::uint64_t least_nonce(const Hash& seed, int bits);

}  // namespace valence::zk
