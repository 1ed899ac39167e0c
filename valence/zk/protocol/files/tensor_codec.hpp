// A run's tensors in the bytes of a file.
//
//     u8 type · u8 rank · u32 each extent · elements: 2 bytes each of activations, 4 of indices
// Integers are little endian, elements in two's complement; their number follows from the shape.
#pragma once

#include <vector>

#include "valence/ml/reference/values.hpp"
#include "valence/zk/protocol/proof/codec.hpp"

namespace valence::zk {

/// Their number in two bytes, then each of them. A model has fewer ports than that counts.
void put_tensors(ProofWriter& to, std::span<const ml::Values> tensors);

/// Takes memory only for elements whose bytes are there: four times those. Errors: truncated, not_canonical.
Result<std::vector<ml::Values>> take_tensors(ProofReader& from);

}  // namespace valence::zk
