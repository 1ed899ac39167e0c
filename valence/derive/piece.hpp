// Pieces: a batch cut to the size of blobs, each signed by the sequencer, so that what others write into the
// namespace is dropped before it takes up any memory. A piece's bytes:
//
//     version  1      kPieceVersion
//     kind     1      0 blocks, 1 a model's file
//     first    8      number of the first and of the last block; zeros for a file
//     last     8
//     batch   32      keccak256 of the batch
//     index    2      of the piece in its batch, and how many there are
//     count    2
//     part            1 … kMostPart bytes of the batch
//     signature 48    BLS, by the key that the genesis names for beacons, on genesis hash ‖ keccak256(all
//     before)
//
// Numbers are big-endian.
#pragma once

#include <string_view>

#include "valence/crypto/bls_signature.hpp"
#include "valence/derive/batch.hpp"

namespace valence::derive {

inline constexpr std::uint8_t kPieceVersion = 1;
/// The domain separation tag of pieces, so that no signature of theirs is one of a beacon.
inline constexpr std::string_view kPieceDomain = "VALENCE-V01-BATCH-BLS12381G1_XMD:SHA-256_SSWU_RO_";
/// Bytes of a batch in one blob: a Celestia transaction takes 2 MiB with all its blobs, and a block of
/// the layer several of those.
inline constexpr std::size_t kMostPart = std::size_t{480} << 10;
inline constexpr std::size_t kMostPieces = (kMostBatch + kMostPart - 1) / kMostPart;

enum class BatchKind : std::uint8_t { blocks = 0, file = 1 };

/// What all pieces of a batch say of it.
struct BatchHead {
    BatchKind kind = BatchKind::blocks;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    /// keccak256 of the batch.
    Hash hash;
    std::uint16_t count = 0;

    bool operator==(const BatchHead&) const = default;
};

struct Piece {
    BatchHead head;
    std::uint16_t index = 0;
    Bytes part;

    bool operator==(const Piece&) const = default;
};

/// The head of a batch that encode_blocks or encode_file made.
BatchHead head_of(BytesView batch, BatchKind kind, std::uint64_t first, std::uint64_t last);

/// The data of a batch's blobs, in order.
std::vector<Bytes> cut(BytesView batch, const BatchHead& head, const Hash& genesis_hash,
                       const crypto::bls::SecretKey& key);

/// A blob's piece, whoever signed it. Error: not_a_piece. Total.
Result<Piece> parse_piece(BytesView blob);

/// A blob's piece when the key signed it for the chain with this genesis. Errors: not_a_piece, foreign.
/// Total.
Result<Piece> open_piece(BytesView blob, const Hash& genesis_hash, const crypto::bls::Verifier& key);

}  // namespace valence::derive
