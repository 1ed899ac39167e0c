#include "valence/ml/executor/plan.hpp"

#include "valence/ml/executor/plan_parts.hpp"

namespace valence::ml {

const Graph& Plan::graph() const { return *parts_->graph; }
std::size_t Plan::bytes() const { return parts_->resources.bytes; }
std::size_t Plan::workspace_bytes() const { return parts_->program.arena_bytes; }

Result<Plan> plan(std::shared_ptr<const Graph> graph, const PlanOptions& options) {
    auto parts =
        std::make_shared<executor::PlanParts>(std::move(graph), options.instructions, options.memory_limit);
    BOOST_OUTCOME_TRY(parts->program, executor::Builder(parts->resources, parts->graph->main).build());
    return Plan(std::move(parts));
}

}  // namespace valence::ml
