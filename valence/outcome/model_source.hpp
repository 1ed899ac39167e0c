// ModelSource: where a node finds the files of models, whatever keeps them.
#pragma once

#include <memory>

#include "valence/base/base.hpp"
#include "valence/ml/executor/plan.hpp"
#include "valence/ml/model/verifying_key.hpp"

namespace valence::outcome {

/// A model with its weights, validated and ready to run; never changes.
struct LoadedModel {
    ml::ModelId id;
    ml::Plan plan;

    const ml::Graph& graph() const { return plan.graph(); }
};

class ModelSource {
public:
    virtual ~ModelSource() = default;
    /// The model by its id, from any thread. Errors: OutcomeError::model_missing when this node does not have
    /// the file, which says nothing about the model; a ModelError when the weights that the id commits to are
    /// no valid model, which is so on every node.
    virtual Result<std::shared_ptr<const LoadedModel>> load(const ml::ModelId& id) = 0;
};

/// Has none.
class NoModels final : public ModelSource {
public:
    Result<std::shared_ptr<const LoadedModel>> load(const ml::ModelId& id) override;
};

}  // namespace valence::outcome
