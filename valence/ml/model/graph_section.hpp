// The graph section of a .vmodel file: a graph without the bytes of its weights and the names of its nodes.
// Every graph has exactly one encoding.
//
//     unsigned integers   LEB128 in as few bytes as possible; 8-bit ones as they are
//     signed integers     zigzag (0, −1, 1, −2 …), then as unsigned; 8-bit ones in two's complement
//     enumerations        one byte;  truth values 0 or 1
//     optional values     0, or 1 and the value
//     lists and texts     their number of elements or bytes, then those
//     shapes              the rank, then the extents
//     operations          the number of their kind, then their fields
// Fields follow in the order of model/fields.hpp.
#pragma once

#include <algorithm>

#include "valence/base/base.hpp"
#include "valence/ml/graph/graph.hpp"

namespace valence::ml {

/// No larger section is read.
inline constexpr std::size_t kMaxGraphSection = 16 << 20;

Bytes encode_graph_section(const Graph& graph);

/// What decoding a section of so many bytes takes at most, in bytes: a node of 3 bytes grows most, but there
/// are at most kMaxNodes.
constexpr std::uint64_t graph_memory(std::uint64_t section) {
    return std::min(512 * section, (std::uint64_t{128} << 20) + 16 * section);
}

/// The graph, with weights that have types and shapes but no bytes. Every byte is read (truncated or
/// malformed otherwise), but of what validate() looks at only the numbers of nodes, tensors, weights, bodies
/// and ports (too_large). Uses no more memory than graph_memory().
Result<Graph> decode_graph_section(BytesView section);

/// The names of the nodes of a graph, main first, each with its length before it.
Bytes encode_names(const Graph& graph);
/// Gives the nodes of `graph` their names.
Result<void> decode_names(BytesView section, Graph& graph);

}  // namespace valence::ml
