#include "valence/node/simulated_inference.hpp"

#include "valence/ml/graph/cost.hpp"
#include "valence/outcome/replay.hpp"

namespace valence::node {
namespace {

/// Multiply-accumulates that one request may have computed: about a second.
constexpr std::uint64_t kBudget = std::uint64_t{1} << 33;

/// The same inference under REPLAY, whose answer does not depend on who asks.
outcome::Job plain(const outcome::Job& job) { return {job.model, outcome::Mode::replay, {}, job.input, {}}; }

}  // namespace

const outcome::Outcome* SimulatedOutcomes::find(const outcome::JobId& id, const outcome::Job& job) {
    if (const auto found = found_.find(id); found != found_.end()) return &found->second->outcome;
    auto asked = plain(job);
    const auto plain_id = outcome::job_id(asked);
    auto known = remembered_.find(plain_id);
    if (known == nullptr) {
        const auto model = models_.load(job.model);
        if (!model) return nullptr;
        const auto work = ml::cost_of(model.value()->graph()).total.multiply_accumulates;
        if (work > budget_) return nullptr;
        const auto slot = slots_.take(work);
        if (!slot) return nullptr;
        budget_ -= work;
        auto output = outcome::replay(*model.value(), job.input);
        if (!output) return nullptr;
        remembered_.add(plain_id,
                        {std::move(asked), {std::move(output).value(), {}, outcome::ReplayEvidence{}}}, 0);
        known = remembered_.find(plain_id);
        if (known == nullptr) return nullptr;
    }
    return &found_.emplace(id, std::move(known)).first->second->outcome;
}

SimulatedInference::SimulatedInference(const Node& node, const chain::InferenceRules& rules)
    : outcomes_(node.models(), node.simulated_outcomes(), node.simulation_slots(), kBudget),
      environment_{rules, node.model_catalogue(), outcomes_, node.models()} {}

std::unique_ptr<SimulatedInference> SimulatedInference::of(const Node& node) {
    const auto& rules = node.config().genesis.rules.inference;
    if (!rules) return nullptr;
    return std::unique_ptr<SimulatedInference>(new SimulatedInference(node, *rules));
}

}  // namespace valence::node
