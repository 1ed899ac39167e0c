// BLAKE3 of many equally long messages at once: eight in the lanes of AVX2 registers where the CPU has them,
// which takes little more time than one. For the leaves and nodes of Merkle trees.
#pragma once

#include <span>

#include "valence/crypto/blake3.hpp"

namespace valence::crypto {

/// Where equally long messages lie: message i is the concatenation, over the rows r, of the `piece` bytes at
/// r·row_stride + i·piece. With one row these are messages one after the other, with several the columns of a
/// matrix, which need not be transposed.
struct Blake3Messages {
    BytesView bytes;
    std::size_t rows = 1;
    /// Bytes from one row to the next.
    std::size_t row_stride = 0;
    /// Bytes that each row gives to a message.
    std::size_t piece = 0;

    /// Messages of `length` bytes one after the other.
    static Blake3Messages consecutive(BytesView bytes, std::size_t length) { return {bytes, 1, 0, length}; }

    /// Bytes of a message.
    std::size_t length() const { return rows * piece; }
    /// Those from message `first` on.
    Blake3Messages from(std::size_t first) const {
        return {bytes.subspan(first * piece), rows, row_stride, piece};
    }
    /// Writes message i, which has length() bytes.
    void copy(std::size_t i, std::uint8_t* to) const;
};

/// The digests of messages 0 … digests.size() − 1, as `blake3` gives them one by one.
void blake3_batch(const Blake3Messages& messages, const Blake3Key& key, std::span<Hash> digests);

}  // namespace valence::crypto
