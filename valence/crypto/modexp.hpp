// Modular exponentiation of numbers of any length.
#pragma once

#include "valence/base/base.hpp"

namespace valence::crypto {

/// base^exponent mod modulus, all big-endian, as many bytes as `modulus` has. A zero or empty modulus gives
/// zeros; 0^0 is 1. Takes time and memory in proportion to the operands: the caller bounds their lengths.
Bytes modexp(BytesView base, BytesView exponent, BytesView modulus);

}  // namespace valence::crypto
