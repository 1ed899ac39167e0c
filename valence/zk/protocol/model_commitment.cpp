#include "valence/zk/protocol/model_commitment.hpp"

#include <fmt/format.h>

#include "valence/zk/protocol/circuit/compile.hpp"
#include "valence/zk/protocol/circuit/public_weights.hpp"
#include "valence/zk/protocol/commitment/parameters.hpp"
#include "valence/zk/protocol/proof/codec.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::zk {
namespace {

Result<std::optional<CommittedWeights>> take_table(ProofReader& from) {
    BOOST_OUTCOME_TRY(const BytesView size, from.take_bytes(1));
    if (size[0] == 0) return std::optional<CommittedWeights>();
    if (size[0] > 1 + kMaxTableVariables)
        return Error{ProofError::not_canonical, fmt::format("a table of 2^{} weights", size[0] - 1)};
    BOOST_OUTCOME_TRY(const Hash root, from.take_digest());
    return std::optional(CommittedWeights{size[0] - 1, root});
}

Result<Commitment> take_commitment(ProofReader& from, const ml::Graph& graph) {
    BOOST_OUTCOME_TRY(const BytesView version, from.take_bytes(1));
    if (version[0] != kCommitmentVersion)
        return Error{ProofError::unknown_format, fmt::format("version {}", version[0])};
    Commitment commitment;
    const auto is_public = public_weights(graph);
    for (std::size_t id = 0; id < is_public.size(); ++id) {
        if (!is_public[id]) continue;
        const ml::Weight& weight = graph.weights[id];
        BOOST_OUTCOME_TRY(const BytesView data,
                          from.take_bytes(weight.shape.elements() * ml::width(weight.type)));
        commitment.public_weights.emplace_back(static_cast<ml::WeightId>(id), data);
    }
    for (auto& table : commitment.tables) {
        BOOST_OUTCOME_TRY(table, take_table(from));
    }
    BOOST_OUTCOME_TRY(from.finish());
    return commitment;
}

}  // namespace

std::uint64_t cell_count(const CommittedTables& tables) {
    std::uint64_t cells = 0;
    for (const auto& table : tables) {
        if (table) cells += std::uint64_t{1} << table->variables;
    }
    return cells;
}

Bytes encode_commitment(const ml::Graph& graph, const CommittedTables& tables) {
    ProofWriter writer;
    writer.put_bytes(BytesView(&kCommitmentVersion, 1));
    const auto is_public = public_weights(graph);
    for (std::size_t id = 0; id < is_public.size(); ++id) {
        if (is_public[id]) writer.put_bytes(graph.weights[id].data);
    }
    for (const auto& table : tables) {
        const auto size = static_cast<std::uint8_t>(table ? 1 + table->variables : 0);
        writer.put_bytes(BytesView(&size, 1));
        if (table) writer.put(table->root);
    }
    return writer.take();
}

Result<Commitment> decode_commitment(BytesView bytes, const ml::Graph& graph) {
    ProofReader reader(bytes);
    auto commitment = take_commitment(reader, graph);
    if (commitment) return commitment;
    const Error& error = commitment.error();
    return Error{error.code, fmt::format("commitment, before byte {}{}{}", reader.position(),
                                         error.context.empty() ? "" : ": ", error.context)};
}

Result<ProvableModel> provable_model(const ml::VerifyingKey& key) {
    return provable_model(key, ml::model_id(ml::encode_verifying_key(key)));
}

Result<ProvableModel> provable_model(const ml::VerifyingKey& key, const ml::ModelId& id) {
    if (key.commitment.empty()) return Error{ProofError::no_commitment};
    BOOST_OUTCOME_TRY(const Commitment commitment, decode_commitment(key.commitment, key.graph));
    ml::Graph graph = key.graph;
    for (const auto& [weight, data] : commitment.public_weights)
        graph.weights[weight].data = base::to_bytes(data);
    BOOST_OUTCOME_TRY(check_public_weights(graph));
    return ProvableModel{std::make_shared<const ml::Graph>(std::move(graph)), commitment.tables, id};
}

}  // namespace valence::zk
