// A model small enough to compute in one's head, and a place that has it: for tests of whatever uses models.
#pragma once

#include <map>

#include "valence/outcome/model_source.hpp"

namespace valence::outcome::testing {

/// y = 2·x₀ − 3·x₁ + offset, input "x" of shape [1, 2], output "y" of shape [1, 1], all of exponent 8.
/// Another offset is another model.
ml::Graph tiny_graph(std::int64_t offset = 0);

/// The model's file as nodes keep it.
std::shared_ptr<const LoadedModel> load(ml::Graph graph);

/// The models it was given.
class GivenModels final : public ModelSource {
public:
    ml::ModelId add(ml::Graph graph);
    Result<std::shared_ptr<const LoadedModel>> load(const ml::ModelId& id) override;

private:
    std::map<ml::ModelId, std::shared_ptr<const LoadedModel>> models_;
};

}  // namespace valence::outcome::testing
