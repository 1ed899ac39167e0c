// Proofs for tests: a model that is proved here, and what verifiers know of it. Its users link the prover.
#pragma once

#include <map>

#include "valence/outcome/provable_models.hpp"
#include "valence/outcome/settled.hpp"
#include "valence/outcome/tensors.hpp"
#include "valence/zk/prover/prove.hpp"

namespace valence::outcome::testing {

class GivenProvable final : public ProvableModels {
public:
    ml::ModelId add(const zk::ProvingModel& model) {
        const auto id = ml::model_id(model.graph());
        models_[id] = std::make_shared<const Provable>(
            Provable{model.provable(), zk::proof_cost(model.graph()).value()});
        return id;
    }
    std::shared_ptr<const Provable> provable(const ml::ModelId& id) override {
        const auto found = models_.find(id);
        return found == models_.end() ? nullptr : found->second;
    }

private:
    std::map<ml::ModelId, std::shared_ptr<const Provable>> models_;
};

/// The job with what an honest node answers to it.
inline Settled proved(const zk::ProvingModel& model, std::uint64_t chain_id, const Address& payee,
                      Integers input) {
    Settled entry{{ml::model_id(model.graph()), Mode::zk, {}, std::move(input), {}}, {{}, payee, {}}};
    const auto inputs = input_tensors(model.graph(), entry.job.input).value();
    auto result = zk::prove(model, inputs, proof_context(chain_id, job_id(entry.job), payee)).value();
    entry.outcome.output = to_integers(result.outputs);
    entry.outcome.evidence = ZkEvidence{std::move(result.proof)};
    return entry;
}

}  // namespace valence::outcome::testing
