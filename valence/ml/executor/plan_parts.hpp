// What a Plan holds.
#pragma once

#include "valence/ml/executor/builder.hpp"

namespace valence::ml::executor {

struct PlanParts {
    PlanParts(std::shared_ptr<const Graph> planned, InstructionSet instructions, std::size_t limit)
        : graph(std::move(planned)), resources(*graph, instructions, limit) {}

    std::shared_ptr<const Graph> graph;
    Resources resources;
    Program program;
};

}  // namespace valence::ml::executor
