#include "valence/node/da/posted_models.hpp"

#include "valence/base/hex.hpp"
#include "valence/chain/inference/inference_rules.hpp"
#include "valence/chain/inference/registry_view.hpp"
#include "valence/outcome/outcome_error.hpp"

namespace valence::node {

bool is_opened_by(const chain::Genesis& genesis, const ml::ModelId& id) {
    const auto registry = genesis.accounts.find(chain::kModelRegistry);
    if (registry == genesis.accounts.end()) return false;
    const auto& storage = registry->second.storage;
    const auto policy = storage.find(chain::policy_slot(id));
    return policy != storage.end() && chain::decode_policy(policy->second).opens_at != 0;
}

Result<std::shared_ptr<const outcome::LoadedModel>> PostedModels::load(const ml::ModelId& id) {
    if (!is_posted_(id)) {
        const std::lock_guard guard(mutex_);
        if (!unposted_) unposted_ = id;
        return Error{outcome::OutcomeError::model_missing, base::to_hex_prefixed(id.bytes)};
    }
    auto loaded = files_.load(id);
    if (!loaded && loaded.error() == Error{outcome::OutcomeError::model_missing}) {
        const std::lock_guard guard(mutex_);
        if (!missing_) missing_ = id;
    }
    return loaded;
}

void PostedModels::begin() {
    const std::lock_guard guard(mutex_);
    unposted_.reset();
    missing_.reset();
}

std::optional<ml::ModelId> PostedModels::unposted() const {
    const std::lock_guard guard(mutex_);
    return unposted_;
}

std::optional<ml::ModelId> PostedModels::missing() const {
    const std::lock_guard guard(mutex_);
    return missing_;
}

Result<std::shared_ptr<const outcome::LoadedModel>> PostableModels::load(const ml::ModelId& id) {
    const auto record = store_.find(id);
    if (record != nullptr && record->manifest.length > most_ && !is_opened_by(genesis_, id))
        return Error{outcome::OutcomeError::model_missing,
                     base::to_hex_prefixed(id.bytes) + ", whose file is too large to be posted"};
    return files_->load(id);
}

}  // namespace valence::node
