// The commitment that makes a model's runs provable, as the commands that make models' files add it.
#pragma once

#include <string>

#include "cmd/valence/model_options.hpp"

namespace valence::cmd {

struct CommittedModel {
    ml::Graph graph;
    /// Whether it has proofs, and what that took or why not, for people.
    std::string note;
};

/// The option to leave it out.
void add_commitment_option(CLI::App& command, ModelOptions& options, const std::string& group);

/// Of a validated graph: with its commitment if proofs cover it, and else as it is.
CommittedModel with_commitment(ml::Graph graph, const ModelOptions& options);

/// The note on a model that has a file already, of `bytes` of commitment.
std::string commitment_note(std::uint64_t bytes);

}  // namespace valence::cmd
