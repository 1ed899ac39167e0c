// Proof of work on a nonce: makes it dearer to try transcripts until their query positions suit a forgery.
// One BLAKE3 compression a try.
#pragma once

#include <optional>

#include "valence/base/base.hpp"

namespace valence::zk {

/// Whether the digest of seed and nonce begins with `bits` zero bits, 0 ≤ bits ≤ 64.
bool has_work(const Hash& seed, int bits, std::uint64_t nonce);

/// How many nonces are tried at once.
inline constexpr std::uint64_t kNoncesAtOnce = 64;
/// The least nonce that has among those from `first` to before `end`, rounded up to whole batches.
std::optional<std::uint64_t> least_nonce_among(const Hash& seed, int bits, std::uint64_t first,
                                               std::uint64_t end);

/// The least nonce that has.
std::uint64_t least_nonce(const Hash& seed, int bits);
/// What finds it: that, or a prover's way to do it on several threads.
using NonceSearch = std::uint64_t (*)(const Hash& seed, int bits);

}  // namespace valence::zk
