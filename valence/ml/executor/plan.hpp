// The fast executor: the integers of ml/reference, at the speed of the machine.
//
//     Graph ─ plan() ─► Plan: steps over buffers at fixed places, weights in the kernels' layouts   (once)
//     inputs ─ run(plan, workspace, …) ─► outputs                          (any number of times and threads)
//
// A Plan never changes and may be used by any number of threads at the same time, each with a Workspace of
// its own. Results do not depend on the number of threads, the size of the batch or the instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "valence/base/result.hpp"
#include "valence/ml/executor/instruction_set.hpp"
#include "valence/ml/graph/graph.hpp"

namespace valence::ml {

namespace executor {
struct PlanParts;
}

struct PlanOptions {
    executor::InstructionSet instructions = executor::best_instruction_set();
    /// Of repacked weights and tables, and separately of the arena of one item.
    std::size_t memory_limit = std::size_t{16} << 30;
};

class Plan {
public:
    const Graph& graph() const;
    /// Memory that the plan holds beside the graph: repacked weights, tables, constants. For 8-bit weights
    /// used by many rows at most 2 bytes per weight and padding to 8 channels, for split 16-bit ones 4.
    std::size_t bytes() const;
    /// Memory that a workspace takes per item of a batch.
    std::size_t workspace_bytes() const;
    const executor::PlanParts& parts() const { return *parts_; }

private:
    friend Result<Plan> plan(std::shared_ptr<const Graph> graph, const PlanOptions& options);
    explicit Plan(std::shared_ptr<const executor::PlanParts> parts) : parts_(std::move(parts)) {}
    std::shared_ptr<const executor::PlanParts> parts_;
};

/// Plans a graph that has passed validate(). Errors: ModelError::too_large over the memory limit.
Result<Plan> plan(std::shared_ptr<const Graph> graph, const PlanOptions& options = {});

}  // namespace valence::ml
