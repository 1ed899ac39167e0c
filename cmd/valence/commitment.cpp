#include "cmd/valence/commitment.hpp"

#include <chrono>

#include "cmd/valence/terminal.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "valence/zk/prover/proving_model.hpp"

namespace valence::cmd {

void add_commitment_option(CLI::App& command, ModelOptions& options, const std::string& group) {
    command
        .add_flag("--no-proofs", options.no_proofs,
                  "Leave out the commitment to the weights: another id, and no mode ZK")
        ->group(group);
}

CommittedModel with_commitment(ml::Graph graph, const ModelOptions& options) {
    if (options.no_proofs) return {std::move(graph), "none, as --no-proofs says"};
    const auto start = std::chrono::steady_clock::now();
    auto commitment = zk::make_commitment(graph);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    if (!commitment) return {std::move(graph), "none: " + commitment.error().message()};
    graph.commitment = std::move(commitment).value();
    std::string note =
        commitment_note(graph.commitment.size()) + fmt::format(", made in {:.0f} ms", took.count());
    return {std::move(graph), std::move(note)};
}

std::string commitment_note(std::uint64_t bytes) {
    if (bytes == 0) return "none: its file has no commitment to the weights";
    return fmt::format("commitment to the weights of {} bytes", grouped(bytes));
}

}  // namespace valence::cmd
