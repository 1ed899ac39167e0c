// The .vmodel file: a model as it is stored, sent and named. Frozen: whatever reads a version goes on reading
// it, and a change makes a new one. Version 2 is that of models with a commitment, and else the same.
//
//     0    8 bytes   "vmodel", 0, version (1 or 2)
//     8    u64       length of the graph section
//     16   u32       length of the names section
//     20   u32       length of the commitment; version 1: 0
//     24   u64       length of the weights section
//     32   32 bytes  root of the weights' chunk tree (chunk_tree.hpp)
//     64             the leaves of that tree, 32 bytes for each chunk of 256 KiB
//                    graph section (graph_section.hpp)
//                    commitment: what proofs open in place of the weights
//                    names section: the nodes' names, which are not part of the model's identity
//                    zeros up to a multiple of 64
//                    weights section: each weight at a multiple of 64, zeros after it up to the next
// Integers are little endian. A graph has one file and a file one graph: what decodes encodes to the same
// bytes. The weights can be used where they lie in a memory-mapped file.
#pragma once

#include "valence/base/base.hpp"
#include "valence/ml/graph/graph.hpp"
#include "valence/ml/model/chunk_tree.hpp"

namespace valence::ml {

inline constexpr std::uint8_t kModelVersion = 1;
inline constexpr std::uint8_t kProvableModelVersion = 2;
inline constexpr std::size_t kWeightAlignment = 64;
inline constexpr std::size_t kHeaderSize = 64;

/// The file of a graph that has passed validate() and whose commitment is of kMaxCommitment bytes at most.
Bytes encode_model(const Graph& graph);

/// The graph of a whole file, validated. Errors name section and offset.
Result<Graph> decode_model(BytesView file);

/// The tree over a graph's weights section.
ChunkTree weight_tree(const Graph& graph);

/// The first 64 bytes of a file.
struct ModelHeader {
    std::uint64_t graph_bytes = 0;
    std::uint64_t names_bytes = 0;
    std::uint64_t weight_bytes = 0;
    Hash root;
    std::uint64_t commitment_bytes = 0;

    std::uint64_t file_bytes() const;
    /// ModelReader uses no more memory than this; validate() then takes up to 16 bytes for each row of a
    /// weight.
    std::uint64_t memory_bound() const;
};
Result<ModelHeader> decode_header(BytesView bytes);

/// Reads a file that comes in pieces, and checks each chunk of weights as soon as it is there.
class ModelReader {
public:
    /// Refuses (too_large) a file whose ModelHeader::memory_bound() is above `memory`.
    explicit ModelReader(std::uint64_t memory) : memory_(memory) {}

    /// The next bytes. After an error the reader is of no further use.
    Result<void> push(BytesView piece);
    /// The whole file has been pushed: the graph, validated.
    Result<Graph> finish();

private:
    Result<void> take_header();
    Result<void> take_front();
    Result<void> take_weights(BytesView piece);
    std::size_t room() const;
    Result<void> end_chunk();

    std::uint64_t memory_;
    Bytes front_;  // the header, then all before the weights
    std::uint64_t front_size_ = kHeaderSize;
    bool header_known_ = false;
    bool front_known_ = false;
    ModelHeader header_;
    std::vector<Hash> leaves_;
    Graph graph_;
    std::uint64_t weight_at_ = 0;     // offset in the weights section
    std::size_t weight_ = 0;          // the weight that this offset belongs to
    std::uint64_t weight_begin_ = 0;  // and its offset
    crypto::Keccak256 chunk_;
};

}  // namespace valence::ml
