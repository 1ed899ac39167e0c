// Graphs of one operation each, in the shapes that take most time for their cost.
#pragma once

#include <string>
#include <vector>

#include "valence/ml/graph/graph.hpp"

namespace valence::ml::bench {

struct CostCase {
    std::string name;
    Graph graph;
};

/// The first is the large product whose time is the unit.
std::vector<CostCase> cost_cases();

}  // namespace valence::ml::bench
