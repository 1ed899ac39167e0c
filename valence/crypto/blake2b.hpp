// BLAKE2b's compression function F (RFC 7693, section 3.2) with a free number of rounds, as EIP-152 offers
// it.
#pragma once

#include "valence/base/base.hpp"

namespace valence::crypto {

enum class Blake2bBlock : std::uint8_t { inner, last };

struct Blake2bInput {
    std::array<std::uint64_t, 8> state;
    std::array<std::uint64_t, 16> message;
    /// Bytes hashed so far, low word first.
    std::array<std::uint64_t, 2> offset;
    Blake2bBlock block;
};

/// The new state. Takes time in proportion to `rounds`, which the caller has charged for.
std::array<std::uint64_t, 8> blake2b_compress(const Blake2bInput& input, std::uint32_t rounds);

}  // namespace valence::crypto
