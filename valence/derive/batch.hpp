// Batches: what is posted at once. The bytes of a batch are
//
//     version (1 byte) ‖ one zstd frame (codec/zstd.hpp) of its content
//
// The content of a batch of blocks is rlp([[block, outcomes, beacon], …]): three strings for each block,
// numbers rising by one. Block and outcomes are encoded as nodes exchange them (chain::encode_block,
// outcome::encode_settled); the beacon is 48 bytes, or none on a chain without one. The content of a batch
// with a model is the model's file.
#pragma once

#include <span>
#include <vector>

#include "valence/chain/block.hpp"
#include "valence/chain/supplement.hpp"

namespace valence::derive {

inline constexpr std::uint8_t kBatchVersion = 1;

/// Bytes that a batch's content may have, and the batch itself: the largest block fits.
inline constexpr std::size_t kMostContent = std::size_t{192} << 20;
inline constexpr std::size_t kMostBatch = std::size_t{128} << 20;
/// Blocks in a batch.
inline constexpr std::size_t kMostBlocks = 4'096;

/// A block with all that verifying it takes.
struct BatchBlock {
    chain::Block block;
    chain::Supplement supplement;

    bool operator==(const BatchBlock& other) const {
        return block == other.block && supplement.outcomes == other.supplement.outcomes &&
               supplement.beacon == other.supplement.beacon;
    }
};

/// One block's part of a batch's content; the content is the list of them.
Bytes encode_batch_block(const chain::Block& block, const chain::Supplement& supplement);
/// A batch of blocks, each as encode_batch_block has it. Error: too_large.
Result<Bytes> encode_blocks(std::span<const Bytes> blocks);
/// At least one block, their numbers rising by one. Errors: bad_batch, too_large, and those of the codecs.
/// Total.
Result<std::vector<BatchBlock>> decode_blocks(BytesView batch);

/// A batch with the file of a model. Error: too_large.
Result<Bytes> encode_file(BytesView file);
/// Errors: bad_batch, too_large, ZstdError. Total.
Result<Bytes> decode_file(BytesView batch);

}  // namespace valence::derive
