// What a Plan holds.
#pragma once

#include "valence/ml/executor/builder.hpp"

namespace valence::ml::executor {

struct PlanParts {
    explicit PlanParts(std::shared_ptr<const Graph> planned, InstructionSet instructions)
        : graph(std::move(planned)), resources(*graph, instructions) {}

    std::shared_ptr<const Graph> graph;
    Resources resources;
    Program program;
};

}  // namespace valence::ml::executor
