// BLAKE3 (O'Connor, Aumasson, Neves, Wilcox-O'Hearn, 2020): the hash of the proofs' transcript and Merkle
// trees. Portable; many messages at once are hashed quicker by blake3_batch.hpp.
#pragma once

#include <string_view>
#include <vector>

#include "valence/base/base.hpp"
#include "valence/crypto/blake3_compression.hpp"

namespace valence::crypto {

/// Under which of BLAKE3's modes a message is hashed. Digests under different keys are unrelated.
struct Blake3Key {
    blake3_detail::ChainingValue words = blake3_detail::kInitial;
    std::uint32_t flags = 0;

    /// The unkeyed hash.
    Blake3Key() = default;
    /// The keyed hash.
    explicit Blake3Key(const Hash& key);
    /// `derive_key`: a mode of its own for each context, a text that names program, date and purpose.
    static Blake3Key of_context(std::string_view context);

private:
    Blake3Key(const Hash& key, std::uint32_t mode);
    friend class Blake3;
};

/// A message taken in pieces. The output is as long as wished; its first 32 bytes are the digest.
class Blake3 {
public:
    using OutputBlock = std::array<std::uint8_t, blake3_detail::kBlockBytes>;

    explicit Blake3(const Blake3Key& key = {});

    Blake3& update(BytesView bytes);

    /// Of all bytes so far; more may follow.
    Hash digest() const;
    /// Bytes 64·index … 64·index + 63 of the output.
    OutputBlock output(std::uint64_t index) const;

private:
    /// What the last compression of a chunk or parent takes: done without `root` for the value to hand
    /// upwards, or with it for the output.
    struct Last {
        blake3_detail::ChainingValue chaining;
        blake3_detail::Words block;
        std::uint64_t counter;
        std::uint32_t size;
        std::uint32_t flags;
        blake3_detail::ChainingValue value() const;
    };

    std::uint32_t start_flag() const { return blocks_ == 0 ? blake3_detail::chunk_start : 0U; }
    Last last_of_chunk() const;
    Last parent(const blake3_detail::ChainingValue& left, const blake3_detail::ChainingValue& right) const;
    void finish_chunk();

    Blake3Key key_;
    /// Of the current chunk: after its finished blocks, their number, and the block being filled. A full
    /// block waits until a byte follows, because the last one is flagged.
    blake3_detail::ChainingValue chaining_;
    std::size_t blocks_ = 0;
    std::array<std::uint8_t, blake3_detail::kBlockBytes> block_;
    std::size_t block_size_ = 0;
    /// Finished chunks, and the roots of the complete subtrees they form, largest first.
    std::uint64_t chunks_ = 0;
    std::vector<blake3_detail::ChainingValue> subtrees_;
};

/// The digest of one message.
Hash blake3(BytesView message, const Blake3Key& key = {});

}  // namespace valence::crypto
