// SimulatedInference: contracts can call models in runs that are in no block (eth_call, estimates, traces).
// The node computes the answers itself, without evidence, within a budget, and remembers them for a while.
#pragma once

#include "valence/chain/inference/inference_precompile.hpp"
#include "valence/node/node.hpp"
#include "valence/sequencer/inference/outcome_pool.hpp"

namespace valence::node {

class SimulatedOutcomes final : public chain::OutcomeSource {
public:
    /// All must outlive this. `budget` is in multiply-accumulates, of all runs that use this.
    SimulatedOutcomes(outcome::ModelSource& models, sequencer::OutcomePool& remembered,
                      SimulationSlots& slots, std::uint64_t budget)
        : models_(models), remembered_(remembered), slots_(slots), budget_(budget) {}

    /// Null when this node does not have the model, the budget is used up, or no slot is left.
    const outcome::Outcome* find(const outcome::JobId& id, const outcome::Job& job) override;

private:
    outcome::ModelSource& models_;
    sequencer::OutcomePool& remembered_;
    SimulationSlots& slots_;
    std::uint64_t budget_;
    boost::unordered_flat_map<outcome::JobId, sequencer::SharedOutcome, std::hash<outcome::JobId>> found_;
};

class SimulatedInference {
public:
    /// Of one request; null where the chain has no inferences.
    static std::unique_ptr<SimulatedInference> of(const Node& node);

    const chain::InferenceEnvironment& environment() const { return environment_; }

private:
    SimulatedInference(const Node& node, const chain::InferenceRules& rules);

    SimulatedOutcomes outcomes_;
    chain::InferenceEnvironment environment_;
};

}  // namespace valence::node
