// Reed–Solomon codes of rate one half: k pieces of data become 2k, any k of which give all others.
//
// The codeword is the values of a polynomial of degree below k, parity at positions 0 … k−1 and data behind
// it; symbols and positions are in Cantor-basis coordinates; GF(2⁸) while 2k ≤ 256, GF(2¹⁶) above. Bit for
// bit what Leopard (github.com/catid/leopard) computes.
#pragma once

#include "valence/base/base.hpp"
#include "valence/da/coding/instruction_set.hpp"
#include "valence/da/square/layout.hpp"

namespace valence::da {

/// Pieces of equal length in memory, `stride` bytes apart.
template <typename Byte>
struct Pieces {
    Byte* first;
    std::ptrdiff_t stride;
    /// Bytes of a piece: a multiple of 64.
    std::size_t length;

    Byte* operator[](std::size_t i) const { return first + static_cast<std::ptrdiff_t>(i) * stride; }
};

/// Writes the k pieces of parity of k pieces of data; 1 ≤ k ≤ kMaxSquareWidth, lengths equal.
void encode(std::size_t k, const Pieces<const std::uint8_t>& data, const Pieces<std::uint8_t>& parity,
            InstructionSet set = best_instruction_set());

/// Finds the missing ones of the 2k pieces of a codeword, data first, from the k or more that are known. It
/// uses all that are known and cannot tell whether they belong to one codeword: compare the roots. Errors:
/// unrepairable when fewer than k are known. known.size() = 2k.
Result<void> repair(std::size_t k, const Pieces<std::uint8_t>& codeword, const std::vector<bool>& known,
                    InstructionSet set = best_instruction_set());

}  // namespace valence::da
