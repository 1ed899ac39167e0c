// What a proof is checked with and a model is named by: everything about a model but its weights, to which it
// is bound by their root.
//
//     version byte            1, or 2 with a commitment
//     u32, graph section                      its length, then graph_section.hpp
//     32 bytes                                root of the weights' chunk tree
//     u32, commitment                         its length, then the bytes: what proofs open in place of the
//                                             weights (zk/protocol/model_commitment.hpp); version 1 has none
//     u32, 32 bytes each                      number of tables the graph uses, then their digests in the
//                                             order of Table (function, in, out, a, b)
// Lengths are little endian. The model's id is keccak256 of these bytes.
#pragma once

#include <set>

#include "valence/base/base.hpp"
#include "valence/ml/graph/graph.hpp"

namespace valence::ml {

/// keccak256 of a verifying key.
struct ModelId : base::FixedBytes<32> {
    using FixedBytes::FixedBytes;
    constexpr auto operator<=>(const ModelId&) const = default;
};

inline constexpr std::uint8_t kVerifyingKeyVersion = 1;
inline constexpr std::uint8_t kProvableKeyVersion = 2;

struct VerifyingKey {
    Graph graph;  // weights have types and shapes only, nodes no names; the commitment is below
    Hash weight_root;
    Bytes commitment;  // any bytes; what they must be is for zk::provable_model()
    std::vector<Hash> tables;
    bool operator==(const VerifyingKey&) const = default;
};

/// The tables a graph looks values up in, those of Softmax included.
std::set<Table> tables_of(const Graph& graph);

/// Of a graph that has passed validate(). Hashes all weights and builds every table.
VerifyingKey verifying_key(const Graph& graph);

Bytes encode_verifying_key(const VerifyingKey& key);
/// The key these bytes are the one encoding of, from anyone: its graph has passed validate_structure(), and
/// the digests are those of its tables. That the weights are right too takes the weights (validate()), and
/// so does the commitment, of which only the length is looked at.
/// Work is bounded: time in proportion to the bytes (about 0.2 ms for each KiB), and for each different table
/// that was not asked for lately 1 … 5 ms, 13 for a power, 27 for functions rounded entry by entry, at most
/// kMaxTables of them; memory at most 512 bytes for each byte, and never above 128 MiB and 16 for each.
Result<VerifyingKey> decode_verifying_key(BytesView bytes);

/// The same of bytes that it has accepted before, such as a chain keeps: builds no table and does not ask
/// whether this is their one encoding, about 50 us for each KiB. Total on any bytes all the same.
Result<VerifyingKey> read_kept_key(BytesView bytes);

/// The sum of build_microseconds() over the tables of a key, which is what decode_verifying_key() may take
/// beside reading its bytes. Builds none. Fails on bytes whose graph section cannot be read.
Result<std::uint64_t> table_microseconds(BytesView verifying_key);

ModelId model_id(BytesView verifying_key);
ModelId model_id(const Graph& graph);

}  // namespace valence::ml

template <>
struct std::hash<valence::ml::ModelId> {
    using is_avalanching = void;
    std::size_t operator()(const valence::ml::ModelId& id) const noexcept { return hash_value(id); }
};
