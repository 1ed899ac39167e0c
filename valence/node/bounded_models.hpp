// BoundedModels: a node's models as blocks may use them. What this node has the memory for must not decide
// what is valid, so whatever takes more than every node has room for is refused by all of them.
#pragma once

#include <memory>

#include "valence/outcome/model_source.hpp"

namespace valence::node {

/// From any thread.
class BoundedModels final : public outcome::ModelSource {
public:
    explicit BoundedModels(std::shared_ptr<outcome::ModelSource> files) : files_(std::move(files)) {}

    /// ModelError::too_large for one above chain::kMostPlanBytes.
    Result<std::shared_ptr<const outcome::LoadedModel>> load(const ml::ModelId& id) override;

private:
    const std::shared_ptr<outcome::ModelSource> files_;
};

}  // namespace valence::node
