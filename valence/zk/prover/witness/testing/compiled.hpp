// A graph with its circuit and assignment, for tests.
#pragma once

#include <memory>

#include "valence/zk/prover/witness/assignment.hpp"

namespace valence::zk::testing {

struct Compiled {
    ml::Graph graph;
    std::vector<ml::Values> inputs;
    std::unique_ptr<Assignment> assignment;
    Circuit circuit;
};

/// What compile() is told of the run.
enum class Known { inputs, nothing };

/// Errors: compile()'s.
inline Result<std::unique_ptr<Compiled>> compiled(ml::Graph graph, std::vector<ml::Values> inputs,
                                                  Known known = Known::inputs,
                                                  std::optional<std::uint8_t> limb_bits = {}) {
    auto result = std::make_unique<Compiled>(Compiled{std::move(graph), std::move(inputs), nullptr, {}});
    result->assignment = std::make_unique<Assignment>(result->graph, result->inputs);
    const std::span<const ml::Values> told =
        known == Known::inputs ? std::span<const ml::Values>(result->inputs) : std::span<const ml::Values>();
    BOOST_OUTCOME_TRY(result->circuit, compile(result->graph, *result->assignment, told, limb_bits));
    result->assignment->complete(result->circuit);
    return result;
}

}  // namespace valence::zk::testing
