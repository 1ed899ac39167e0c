// What one run of a model costs, counted from its graph: for `model info`, gas and the load balancer.
#pragma once

#include <cstdint>
#include <vector>

#include "valence/ml/graph/graph.hpp"

namespace valence::ml {

/// Of a node, or of a whole run. Each count saturates at 2^63.
struct Cost {
    /// Products added to a sum; of operations without products, their sums, comparisons and divisions.
    std::uint64_t multiply_accumulates = 0;
    /// Entries read from function tables, and nodes of trees visited at most.
    std::uint64_t lookups = 0;
    /// Of weights and activations (2 bytes each; indices 4) read and written.
    std::uint64_t bytes = 0;
    /// What a run is charged by: its time on one thread, in multiply-accumulates of a large product of 8-bit
    /// weights. Bounds the time of any operation on any shape to within about ten of them for each unit
    /// (docs/ml-cost.md), so that nobody gets much work for little; the other counts say what a model is.
    std::uint64_t work = 0;

    Cost& operator+=(const Cost& other);
    /// The same so many times over.
    Cost times(std::uint64_t count) const;
    bool operator==(const Cost&) const = default;
};

struct GraphCost {
    std::vector<Cost> nodes;  // of the main graph, in its order
    Cost total;
    std::uint64_t parameters = 0;  // elements of all weights
    std::uint64_t weight_bytes = 0;
    std::uint64_t activation_bytes = 0;  // of all tensors of the main graph together, not the peak
};

/// Of a graph that has passed validate_structure(); the same whether its weights have their bytes or not.
GraphCost cost_of(const Graph& graph);

}  // namespace valence::ml
