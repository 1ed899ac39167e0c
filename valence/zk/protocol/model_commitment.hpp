// A model's commitment: the section of its verifying key that proofs are verified with, so that the model's
// id binds graph, weights and what proofs open at once. ml keeps it as bytes (Graph::commitment).
//
//     version (1 byte)     2
//     public weights       the bytes of each weight in public_weights(), in order; sizes follow from the
//     graph narrow, wide         for each of the two tables of weights: 0; or 1 + m and the root (32 bytes)
//     of the
//                          commitment to its 2^m cells
// A model has one commitment, which prover/proving_model.hpp makes: that these roots are of these weights
// takes the weights.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "valence/ml/model/verifying_key.hpp"

namespace valence::zk {

inline constexpr std::uint8_t kCommitmentVersion = 2;

/// One table of weights, of 2^variables cells; commitment/parameters.hpp's weight_shape_of() says how.
struct CommittedWeights {
    int variables = 0;
    Hash root;
    bool operator==(const CommittedWeights&) const = default;
};

/// Narrow and wide, where the model has them: by WeightTable.
using CommittedTables = std::array<std::optional<CommittedWeights>, 2>;

/// A model as proofs are verified with it.
struct ProvableModel {
    /// Of its weights only the public ones need bytes.
    std::shared_ptr<const ml::Graph> graph;
    CommittedTables tables;
    ml::ModelId id;
};

/// Cells of all tables: what committing takes its time and memory for.
std::uint64_t cell_count(const CommittedTables& tables);

struct Commitment {
    /// Those of public_weights(), in the section's bytes.
    std::vector<std::pair<ml::WeightId, BytesView>> public_weights;
    CommittedTables tables;
};

/// Of a graph whose weights have types and shapes, by anyone. Errors: unknown_format, truncated,
/// trailing_bytes, not_canonical, with the place.
Result<Commitment> decode_commitment(BytesView bytes, const ml::Graph& graph);

/// `graph` has the bytes of its public weights.
Bytes encode_commitment(const ml::Graph& graph, const CommittedTables& tables);

/// From a key that anyone may have made and decode_verifying_key() accepts; in time and memory in proportion
/// to its bytes. The commitment is well-formed and its public weights within their bounds
/// (public_weights.hpp); whether there is a circuit of the graph, and of these tables, is for verify().
/// Errors: ProofError::no_commitment, those of decode_commitment(), ModelError::invalid_node.
Result<ProvableModel> provable_model(const ml::VerifyingKey& key);
/// The same where the key's id is known.
Result<ProvableModel> provable_model(const ml::VerifyingKey& key, const ml::ModelId& id);

}  // namespace valence::zk
