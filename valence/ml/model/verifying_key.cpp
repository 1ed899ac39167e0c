#include "valence/ml/model/verifying_key.hpp"

#include <fmt/format.h>

#include "valence/crypto/keccak.hpp"
#include "valence/ml/functions/build_time.hpp"
#include "valence/ml/graph/describe.hpp"
#include "valence/ml/graph/limits.hpp"
#include "valence/ml/graph/model_error.hpp"
#include "valence/ml/graph/validate.hpp"
#include "valence/ml/model/graph_section.hpp"
#include "valence/ml/model/vmodel.hpp"

namespace valence::ml {
namespace {

void put_length(Bytes& to, std::size_t length) {
    for (int i = 0; i < 4; ++i)
        to.push_back(static_cast<std::uint8_t>(length >> (8 * i)));
}

/// Takes pieces off the front of a key's bytes.
struct Pieces {
    BytesView rest;
    std::size_t at = 0;

    Result<BytesView> take(std::uint64_t size) {
        if (size > rest.size())
            return Error{ModelError::truncated,
                         fmt::format("verifying key, offset {}: {} of {} bytes", at, rest.size(), size)};
        const BytesView piece = rest.first(size);
        rest = rest.subspan(size);
        at += size;
        return piece;
    }
    Result<std::uint64_t> length() {
        BOOST_OUTCOME_TRY(const BytesView bytes, take(4));
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 4; ++i)
            value |= std::uint64_t{bytes[i]} << (8 * i);
        return value;
    }
};

/// The version and the graph section of a key.
Result<Graph> take_graph(Pieces& pieces) {
    BOOST_OUTCOME_TRY(const BytesView version, pieces.take(1));
    if (version[0] != kVerifyingKeyVersion && version[0] != kProvableKeyVersion)
        return Error{ModelError::unknown_format, fmt::format("verifying key of version {}", version[0])};
    BOOST_OUTCOME_TRY(const std::uint64_t size, pieces.length());
    if (size > kMaxGraphSection)
        return Error{ModelError::too_large, fmt::format("graph section of {} bytes", size)};
    BOOST_OUTCOME_TRY(const BytesView section, pieces.take(size));
    return decode_graph_section(section);
}

/// All of a key but whether its digests are those of its tables, and its bytes their one encoding.
Result<VerifyingKey> take_key(BytesView bytes) {
    Pieces pieces{bytes};
    VerifyingKey key;
    BOOST_OUTCOME_TRY(key.graph, take_graph(pieces));
    BOOST_OUTCOME_TRY(const BytesView root, pieces.take(Hash::kSize));
    key.weight_root = base::from_exact<Hash>(root);
    BOOST_OUTCOME_TRY(const std::uint64_t commitment_size, pieces.length());
    if (commitment_size > kMaxCommitment)
        return Error{ModelError::too_large,
                     fmt::format("verifying key: commitment of {} bytes", commitment_size)};
    if ((commitment_size == 0) != (bytes[0] == kVerifyingKeyVersion))
        return Error{ModelError::malformed,
                     fmt::format("verifying key of version {} with a commitment of {} bytes", bytes[0],
                                 commitment_size)};
    BOOST_OUTCOME_TRY(const BytesView commitment, pieces.take(commitment_size));
    key.commitment = base::to_bytes(commitment);
    BOOST_OUTCOME_TRY(validate_structure(key.graph));
    const std::uint64_t used = tables_of(key.graph).size();
    BOOST_OUTCOME_TRY(const std::uint64_t table_count, pieces.length());
    if (table_count != used)
        return Error{ModelError::malformed,
                     fmt::format("verifying key: {} tables, not {}", table_count, used)};
    for (std::uint64_t i = 0; i < table_count; ++i) {
        BOOST_OUTCOME_TRY(const BytesView table, pieces.take(Hash::kSize));
        key.tables.push_back(base::from_exact<Hash>(table));
    }
    if (!pieces.rest.empty())
        return Error{ModelError::truncated, fmt::format("verifying key, offset {}: goes on", pieces.at)};
    return key;
}

}  // namespace

std::set<Table> tables_of(const Graph& graph) {
    std::set<Table> tables;
    const auto add = [&](const Subgraph& part) {
        for (const Node& node : part.nodes) {
            if (const auto* lookup = std::get_if<Lookup>(&node.operation)) tables.insert(lookup->table);
            if (std::holds_alternative<Softmax>(node.operation)) tables.insert(kSoftmaxTable);
        }
    };
    add(graph.main);
    for (const Subgraph& body : graph.bodies)
        add(body);
    return tables;
}

VerifyingKey verifying_key(const Graph& graph) {
    VerifyingKey key;
    key.graph.main = graph.main;
    key.graph.bodies = graph.bodies;
    key.graph.inputs = graph.inputs;
    key.graph.outputs = graph.outputs;
    key.graph.opset = graph.opset;
    for (const Weight& weight : graph.weights)
        key.graph.weights.push_back({weight.type, weight.shape, {}});
    const auto forget_names = [](Subgraph& part) {
        for (Node& node : part.nodes)
            node.name.clear();
    };
    forget_names(key.graph.main);
    for (Subgraph& body : key.graph.bodies)
        forget_names(body);
    key.weight_root = weight_tree(graph).root();
    key.commitment = graph.commitment;
    for (const Table& table : tables_of(graph))
        key.tables.push_back(digest(table));
    return key;
}

Bytes encode_verifying_key(const VerifyingKey& key) {
    const Bytes section = encode_graph_section(key.graph);
    Bytes bytes{key.commitment.empty() ? kVerifyingKeyVersion : kProvableKeyVersion};
    put_length(bytes, section.size());
    base::append(bytes, section);
    base::append(bytes, key.weight_root);
    put_length(bytes, key.commitment.size());
    base::append(bytes, key.commitment);
    put_length(bytes, key.tables.size());
    for (const Hash& table : key.tables)
        base::append(bytes, table);
    return bytes;
}

Result<VerifyingKey> read_kept_key(BytesView bytes) { return take_key(bytes); }

Result<VerifyingKey> decode_verifying_key(BytesView bytes) {
    BOOST_OUTCOME_TRY(VerifyingKey key, take_key(bytes));
    // Last, since tables take the longest to compute; up to the first that differs.
    auto given = key.tables.begin();
    for (const Table& table : tables_of(key.graph))
        if (*given++ != digest(table))
            return Error{ModelError::malformed,
                         fmt::format("verifying key: another digest than that of {}", name(table.function))};
    if (!base::equal(encode_verifying_key(key), bytes))
        return Error{ModelError::malformed, "verifying key: not written in its one way"};
    return key;
}

Result<std::uint64_t> table_microseconds(BytesView verifying_key) {
    Pieces pieces{verifying_key};
    BOOST_OUTCOME_TRY(const Graph graph, take_graph(pieces));
    std::uint64_t total = 0;
    for (const Table& table : tables_of(graph))
        total += build_microseconds(table.function);
    return total;
}

ModelId model_id(BytesView verifying_key) { return ModelId{crypto::keccak256(verifying_key).bytes}; }

ModelId model_id(const Graph& graph) { return model_id(encode_verifying_key(verifying_key(graph))); }

}  // namespace valence::ml
