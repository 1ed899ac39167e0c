// SHA-256 of many messages of one length: two at once where the CPU has instructions for it, whose latency
// one message alone cannot fill. For the trees over data squares, which hash tens of thousands.
#pragma once

#include <span>

#include "valence/base/base.hpp"

namespace valence::crypto {

/// The digest of each of the messages, which lie one after the other, `length` bytes each.
void sha256_batch(BytesView messages, std::size_t length, std::span<Hash> digests);

}  // namespace valence::crypto
