// Random integer graphs that validate() accepts: every operation, odd extents and extents of 1, extreme
// weights, ranges that saturate, several inputs, Scan bodies. For comparing whatever computes a graph with
// ml/reference.
#pragma once

#include <cstdint>
#include <vector>

#include "valence/ml/graph/graph.hpp"
#include "valence/ml/reference/values.hpp"

namespace valence::ml::testing {

struct RandomGraphOptions {
    std::uint32_t nodes = 12;      // about
    std::uint64_t elements = 600;  // of the largest tensor, about
    /// Number of an alternative of Operation: only nodes of this kind, and what they need. −1: all kinds.
    int only = -1;
};

/// A graph that depends on the seed and options alone.
Graph random_graph(std::uint64_t seed, const RandomGraphOptions& options = {});

/// Inputs for a graph: extremes, zeros, small and arbitrary numbers.
std::vector<Values> random_inputs(const Graph& graph, std::uint64_t seed);

}  // namespace valence::ml::testing
