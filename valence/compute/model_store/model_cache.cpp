#include "valence/compute/model_store/model_cache.hpp"

namespace valence::compute {

Result<SharedModel> ModelCache::get(const ml::ModelId& id) {
    std::promise<Result<SharedModel>> promise;
    std::shared_future<Result<SharedModel>> other;
    {
        const std::lock_guard lock(mutex_);
        if (const auto place = places_.find(id); place != places_.end()) {
            models_.splice(models_.begin(), models_, place->second);
            return models_.front().model;
        }
        if (const auto found = loading_.find(id); found != loading_.end())
            other = found->second;
        else
            loading_.emplace(id, promise.get_future().share());
    }
    if (other.valid()) return other.get();
    const auto loaded = loader_(id);
    const auto answer =
        loaded ? Result<SharedModel>(loaded.value().model) : Result<SharedModel>(loaded.error());
    {
        const std::lock_guard lock(mutex_);
        loading_.erase(id);
        if (loaded) keep(loaded.value());
    }
    promise.set_value(answer);
    return answer;
}

void ModelCache::keep(const Loaded& loaded) {
    if (loaded.bytes > most_bytes_) return;
    while (bytes_ + loaded.bytes > most_bytes_) {
        bytes_ -= models_.back().bytes;
        places_.erase(models_.back().model->id);
        models_.pop_back();
    }
    bytes_ += loaded.bytes;
    models_.push_front(loaded);
    places_[loaded.model->id] = models_.begin();
}

bool ModelCache::holds(const ml::ModelId& id) const {
    const std::lock_guard lock(mutex_);
    return places_.contains(id);
}

std::vector<ModelCache::Kept> ModelCache::list() const {
    const std::lock_guard lock(mutex_);
    std::vector<Kept> kept;
    for (const auto& [model, bytes] : models_)
        kept.push_back({model->id, bytes});
    return kept;
}

void ModelCache::forget(const ml::ModelId& id) {
    const std::lock_guard lock(mutex_);
    const auto place = places_.find(id);
    if (place == places_.end()) return;
    bytes_ -= place->second->bytes;
    models_.erase(place->second);
    places_.erase(place);
}

std::uint64_t ModelCache::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

}  // namespace valence::compute
