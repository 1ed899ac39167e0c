// The Merkle tree over a model's weight bytes, cut into chunks of 256 KiB: what a model id commits to, and
// what lets whoever fetches a model check each piece as it arrives.
//
//     leaf  = keccak256(0x00 ‖ chunk)
//     node  = keccak256(0x01 ‖ left ‖ right); the last of an odd number of nodes rises a level as it is
//     root  = keccak256(0x02 ‖ length of all bytes, 8 bytes little endian ‖ top node)
// No bytes are one empty chunk.
#pragma once

#include <vector>

#include "valence/base/base.hpp"
#include "valence/crypto/keccak.hpp"

namespace valence::ml {

inline constexpr std::size_t kChunkSize = 256 * 1024;

/// How many chunks `length` bytes make; at least 1.
constexpr std::uint64_t chunk_count(std::uint64_t length) {
    return length == 0 ? 1 : (length - 1) / kChunkSize + 1;
}

/// The length of one chunk of `length` bytes.
constexpr std::uint64_t chunk_length(std::uint64_t length, std::uint64_t index) {
    return std::min<std::uint64_t>(kChunkSize, length - index * kChunkSize);
}

Hash chunk_leaf(BytesView chunk);

/// Hashes bytes that come in pieces into leaves.
class ChunkHasher {
public:
    void update(BytesView piece);
    /// The leaves of all bytes so far. The object may not be used afterwards.
    std::vector<Hash> finish();

private:
    void begin_chunk();

    std::vector<Hash> leaves_;
    crypto::Keccak256 current_;
    std::size_t filled_ = 0;
    bool open_ = false;
};

/// The leaves' digests and all nodes above them.
class ChunkTree {
public:
    /// `leaves` are chunk_count(length) digests.
    ChunkTree(std::vector<Hash> leaves, std::uint64_t length);

    const Hash& root() const { return root_; }
    std::span<const Hash> leaves() const { return levels_.front(); }
    std::uint64_t length() const { return length_; }
    /// The siblings on the way from chunk `index` to the top, lowest first.
    std::vector<Hash> proof(std::uint64_t index) const;

private:
    std::vector<std::vector<Hash>> levels_;
    std::uint64_t length_;
    Hash root_;
};

/// Whether `chunk` is chunk `index` of the `length` bytes that `root` commits to.
bool verify_chunk(const Hash& root, std::uint64_t length, std::uint64_t index, BytesView chunk,
                  std::span<const Hash> proof);

}  // namespace valence::ml
