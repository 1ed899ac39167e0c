// Batches: what is posted at once. The bytes of a batch are
//
//     version (1 byte) ‖ one zstd frame (codec/zstd.hpp) of its content
//
// The content of a batch of blocks is rlp([[proof, …], [[block, outcomes, [place, …], beacon], …]]), the
// blocks' numbers rising by one. Block and outcomes are encoded as nodes exchange them (chain::encode_block,
// outcome::encode_settled), but for proofs: an outcome with one has an empty one there, and the place of its
// own in the list of all proofs, in which each is once, by first use. So an outcome that several blocks use
// is posted once. The beacon is 48 bytes, or none on a chain without one. The content of a batch with a model
// is the model's file.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "valence/chain/block.hpp"
#include "valence/chain/supplement.hpp"

namespace valence::derive {

inline constexpr std::uint8_t kBatchVersion = 1;

/// Bytes that a batch's content may have, and the batch itself: the largest block fits.
inline constexpr std::size_t kMostContent = std::size_t{192} << 20;
inline constexpr std::size_t kMostBatch = std::size_t{128} << 20;
/// Bytes of a model's file that fits into a batch even where nothing of it can be compressed. No larger one
/// is posted, however small it becomes: nodes serve none (node/da/posted_models.hpp).
inline constexpr std::size_t kMostFile = kMostBatch - (kMostBatch >> 7);
/// Blocks in a batch, and different proofs.
inline constexpr std::size_t kMostBlocks = 4'096;
inline constexpr std::size_t kMostProofs = 65'536;

/// A block with all that verifying it takes.
struct BatchBlock {
    chain::Block block;
    chain::Supplement supplement;

    bool operator==(const BatchBlock& other) const {
        return block == other.block && supplement.outcomes == other.supplement.outcomes &&
               supplement.beacon == other.supplement.beacon;
    }
};

/// Puts blocks together to a batch.
class BatchWriter {
public:
    void add(const chain::Block& block, const chain::Supplement& supplement);
    std::size_t blocks() const { return blocks_.size(); }
    /// Of the content; and of what it unpacks to, each proof as often as it is used.
    std::size_t size() const { return size_; }
    std::size_t unfolded_size() const { return size_ + repeated_; }
    /// Whether nothing more should go in.
    bool is_full(std::size_t most_bytes) const {
        return blocks_.size() == kMostBlocks || proofs_.size() >= kMostProofs / 2 ||
               unfolded_size() >= most_bytes;
    }
    /// Of at least one block. Error: too_large.
    Result<Bytes> pack() const;

private:
    /// Of the proof, which is listed when it is new.
    std::uint64_t place_of(BytesView proof);

    /// By keccak256.
    std::map<Hash, std::uint64_t> places_;
    std::vector<Bytes> proofs_;
    std::vector<Bytes> blocks_;
    std::size_t size_ = 0;
    std::size_t repeated_ = 0;
};

/// These blocks as a batch. Error: too_large.
Result<Bytes> encode_blocks(std::span<const BatchBlock> blocks);
/// At least one block, their numbers rising by one. Errors: bad_batch, too_large (proofs that are used again
/// count each time), and those of the codecs. Total.
Result<std::vector<BatchBlock>> decode_blocks(BytesView batch);

/// How large the content of a batch says it is. Errors: those of unpacking it that show without that. Total.
Result<std::uint64_t> stated_content(BytesView batch);

/// A batch with the file of a model. Error: too_large, beyond kMostFile.
Result<Bytes> encode_file(BytesView file);
/// Errors: bad_batch, too_large, ZstdError. Total.
Result<Bytes> decode_file(BytesView batch);

}  // namespace valence::derive
