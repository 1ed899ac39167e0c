// ModelCache: models in memory, ready to run, within a bound; the one unused longest gives way. Whoever still
// runs a model that gave way keeps it until done. A model that several ask for at once is loaded once.
#pragma once

#include <functional>
#include <future>
#include <list>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "valence/outcome/model_source.hpp"

namespace valence::compute {

using SharedModel = std::shared_ptr<const outcome::LoadedModel>;

class ModelCache {
public:
    /// A model and the memory it takes, without workspaces.
    struct Loaded {
        SharedModel model;
        std::uint64_t bytes = 0;
    };
    using Loader = std::function<Result<Loaded>(const ml::ModelId&)>;

    /// Keeps up to `most_bytes`; a larger model is handed out but not kept.
    ModelCache(std::uint64_t most_bytes, Loader loader)
        : most_bytes_(most_bytes), loader_(std::move(loader)) {}

    /// The model, from memory or from the loader; its errors are not remembered.
    Result<SharedModel> get(const ml::ModelId& id);
    bool holds(const ml::ModelId& id) const;
    struct Kept {
        ml::ModelId id;
        std::uint64_t bytes = 0;
    };
    /// What is in memory, the one used last first.
    std::vector<Kept> list() const;
    void forget(const ml::ModelId& id);
    std::uint64_t bytes() const;

private:
    void keep(const Loaded& loaded);

    const std::uint64_t most_bytes_;
    const Loader loader_;
    /// Guards what follows; not held while loading.
    mutable std::mutex mutex_;
    /// The one used last first.
    std::list<Loaded> models_;
    std::unordered_map<ml::ModelId, std::list<Loaded>::iterator> places_;
    std::unordered_map<ml::ModelId, std::shared_future<Result<SharedModel>>> loading_;
    std::uint64_t bytes_ = 0;
};

}  // namespace valence::compute
