// What proofs of a model have in common: the model as its verifying key describes it, and the head of a
// proof's bytes.
//
//     version (1 byte) · profile (1) · flags, one byte for each requantisation · messages in the protocol's
//     order
#pragma once

#include <memory>

#include "valence/zk/protocol/argument/statement.hpp"
#include "valence/zk/protocol/commitment/parameters.hpp"
#include "valence/zk/protocol/proof/codec.hpp"

namespace valence::zk {

inline constexpr std::uint8_t kProofVersion = 1;

/// A model that can be proved: its graph, of whose weights only the public ones need bytes, and the roots of
/// the others.
struct ProvableModel {
    std::shared_ptr<const ml::Graph> graph;
    /// Of the tables of narrow and wide weights, where the model has them.
    std::array<std::optional<Hash>, 2> weight_roots;
    /// Of everything a proof of this model is verified with: model_digest().
    Hash digest;
};

/// BLAKE3 of the verifying key's hash, of the bytes of the graph's public weights, and of the roots. The
/// verifying key says how many bytes and which roots there are.
Hash model_digest(const Hash& verifying_key, const ml::Graph& graph,
                  std::span<const std::optional<Hash>> weight_roots);

/// The tables a proof opens, in order: the witness, then weights.
std::vector<TableShape> opened_tables(const Circuit& circuit);

/// Errors: bad_parameters for a byte that is no profile.
Result<SecurityProfile> profile_of(std::uint8_t byte);
std::uint8_t profile_byte(const SecurityProfile& profile);

}  // namespace valence::zk
