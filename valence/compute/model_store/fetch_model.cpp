#include "valence/compute/model_store/fetch_model.hpp"

#include "valence/compute/model_store/store_error.hpp"
#include "valence/outcome/outcome_error.hpp"

namespace valence::compute {
namespace {

/// All fetches count as one uploader.
constexpr const char* kUploader = "fetch";

Result<SharedRecord> fetch_from(ModelStore& store, ModelPeer& peer, const ModelId& id) {
    const Error other{StoreError::invalid, "sent another model"};
    BOOST_OUTCOME_TRY(const auto manifest, peer.manifest(id));
    BOOST_OUTCOME_TRY(const auto upload, store.begin(manifest, kUploader));
    if (upload.model && *upload.model != id) return other;
    const bool fresh = upload.missing.size() == manifest.chunks.size();
    for (const auto index : upload.missing) {
        BOOST_OUTCOME_TRY(const auto bytes, peer.chunk(id, index));
        BOOST_OUTCOME_TRY(const auto model, store.put(upload.upload, index, bytes));
        if (model && *model != id) {
            // Somebody else's upload of that model may go on.
            if (fresh) store.abandon(upload.upload);
            return other;
        }
    }
    BOOST_OUTCOME_TRY(const auto record, store.finish(upload.upload));
    if (record->id != id) return other;
    return record;
}

}  // namespace

Result<SharedRecord> fetch_model(ModelStore& store, std::span<const std::shared_ptr<ModelPeer>> peers,
                                 const ModelId& id) {
    std::string reasons;
    for (const auto& peer : peers) {
        if (auto record = store.find(id)) return record;
        auto fetched = fetch_from(store, *peer, id);
        if (fetched) return fetched;
        reasons += (reasons.empty() ? "" : "; ") + peer->name() + ": " + fetched.error().message();
    }
    if (auto record = store.find(id)) return record;
    return Error{StoreError::no_peer, reasons.empty() ? base::to_hex_prefixed(id) : reasons};
}

Result<SharedModel> FetchingModels::load(const ml::ModelId& id) {
    if (store_.holds(id)) {
        auto model = store_.load(id);
        // Of one that is too large others have no smaller file.
        if (model || model.error() != Error{outcome::OutcomeError::model_missing}) return model;
    }
    {
        const std::lock_guard lock(mutex_);
        const auto fetched = fetch_model(store_, peers_, id);
        if (!fetched) return Error{outcome::OutcomeError::model_missing, fetched.error().message()};
    }
    return store_.load(id);
}

}  // namespace valence::compute
