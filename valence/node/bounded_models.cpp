#include "valence/node/bounded_models.hpp"

#include <algorithm>

#include "valence/chain/inference/model_bounds.hpp"
#include "valence/ml/graph/model_error.hpp"

namespace valence::node {

Result<std::shared_ptr<const outcome::LoadedModel>> BoundedModels::load(const ml::ModelId& id) {
    BOOST_OUTCOME_TRY(auto loaded, files_->load(id));
    const auto& plan = loaded->plan;
    const auto most = std::max<std::uint64_t>(plan.bytes(), plan.workspace_bytes());
    if (most <= chain::kMostPlanBytes) return loaded;
    return Error{ml::ModelError::too_large, std::to_string(most) + " bytes, blocks may use models of " +
                                                std::to_string(chain::kMostPlanBytes)};
}

}  // namespace valence::node
