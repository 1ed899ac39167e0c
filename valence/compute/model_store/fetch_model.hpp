// fetch_model: getting a model from whoever has it, without trusting anyone.
#pragma once

#include <mutex>
#include <span>

#include "valence/compute/model_store/model_peer.hpp"
#include "valence/compute/model_store/model_store.hpp"

namespace valence::compute {

/// Makes `store` have the model, from the first peer that sends all of it. Each chunk is checked as it comes,
/// the model's id as soon as the front of the file is there, the whole before it is a model. A peer that
/// sends something else, or fails, is not asked again, and the next one goes on where it stopped if its file
/// is the same. Takes no more memory than a chunk and what decoding takes. Errors: no_peer, with what each
/// said; too_large.
Result<SharedRecord> fetch_model(ModelStore& store, std::span<const std::shared_ptr<ModelPeer>> peers,
                                 const ModelId& id);

/// A store that fetches what it does not have.
class FetchingModels final : public outcome::ModelSource {
public:
    FetchingModels(ModelStore& store, std::vector<std::shared_ptr<ModelPeer>> peers)
        : store_(store), peers_(std::move(peers)) {}

    /// May take as long as the transfer. Errors as of any ModelSource.
    Result<SharedModel> load(const ml::ModelId& id) override;

private:
    ModelStore& store_;
    const std::vector<std::shared_ptr<ModelPeer>> peers_;
    /// Guards the peers, which serve one at a time.
    std::mutex mutex_;
};

}  // namespace valence::compute
