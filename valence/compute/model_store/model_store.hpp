// ModelStore: the models of one node, named by their content.
//
//     begin(manifest) ─► put(chunk)… ─► finish ─► validated ─► ModelFolder (disk) ─ load ─► ModelCache
//     (memory)
//
// A file comes in chunks in any order (manifest.hpp), each checked as it comes and all of it decoded before
// it becomes a model; what is unfinished survives a crash. Disk, memory and unfinished uploads have bounds.
// All of it may be used from any thread.
#pragma once

#include "valence/compute/model_store/front.hpp"
#include "valence/compute/model_store/memory_budget.hpp"
#include "valence/compute/model_store/model_cache.hpp"
#include "valence/compute/model_store/model_folder.hpp"
#include "valence/compute/model_store/uploads.hpp"

namespace valence::compute {

struct UploadStatus {
    /// The manifest's root: what the upload is called.
    Hash upload;
    /// Numbers of the chunks still wanted, ascending.
    std::vector<std::uint64_t> missing;
    /// The model, when the file is here already: nothing is to be sent then.
    std::optional<ModelId> model;
};

class ModelStore final : public outcome::ModelSource {
public:
    /// Errors: io, locked.
    static Result<std::unique_ptr<ModelStore>> open(StoreOptions options);
    ~ModelStore() override;

    // ---- Files coming in

    /// Begins an upload or takes it up again. `uploader` is whoever the bounds of one uploader are counted
    /// for. Errors: bad_manifest, too_large, too_many_uploads, io.
    Result<UploadStatus> begin(const Manifest& manifest, const std::string& uploader);
    /// Takes a chunk. Once the front of the file is there, answers the id of the model it will be. Errors:
    /// unknown_upload, wrong_chunk, io; invalid and too_large end the upload.
    Result<std::optional<ModelId>> put(const Hash& upload, std::uint64_t chunk, BytesView bytes);
    /// Validates the whole file and makes it a model of the store. May be asked again. Errors:
    /// unknown_upload, incomplete, io; invalid and too_large end the upload.
    Result<SharedRecord> finish(const Hash& upload);
    /// Forgets an unfinished upload.
    void abandon(const Hash& upload) { uploads_.drop(upload); }
    /// begin, put and finish at once.
    Result<SharedRecord> add(BytesView file, const std::string& uploader);

    // ---- Models

    /// Null when it is not here.
    SharedRecord find(const ModelId& id) const { return folder_.find(id); }
    bool holds(const ModelId& id) const { return folder_.find(id) != nullptr; }
    /// Whether it is in memory.
    bool is_loaded(const ModelId& id) const { return cache_.holds(id); }
    /// What is in memory, the one used last first.
    std::vector<ModelCache::Kept> loaded() const { return cache_.list(); }
    /// Out of memory; the file stays.
    void unload(const ModelId& id) { cache_.forget(id); }
    /// Ordered by id.
    std::vector<SharedRecord> list() const { return folder_.list(); }
    /// A chunk of a model's file by its number. Errors: missing, wrong_chunk (no such number), io.
    Result<Bytes> chunk(const ModelId& id, std::uint64_t index);
    /// Everything of a model but its weights. Errors: missing, invalid, io.
    Result<ModelFront> front(const ModelId& id);
    /// Errors: OutcomeError::model_missing, also when decoding it takes more memory than this node gives or
    /// its file was damaged; a damaged file is forgotten, so that it can be fetched again.
    /// ModelError::too_large when its plan, or the buffers of a run, take more than
    /// StoreOptions::decoding_bytes.
    Result<SharedModel> load(const ml::ModelId& id) override;

    /// What `must_stay` says yes to, since the chain relies on it, never leaves the disk. It is asked when
    /// room is needed, on any thread, and may not ask the store back.
    void keep_where(std::function<bool(const ModelId&)> must_stay) {
        folder_.keep_where(std::move(must_stay));
    }
    bool is_kept(const ModelId& id) const { return folder_.is_kept(id); }

    // ---- What it takes

    std::uint64_t disk_bytes() const { return folder_.bytes(); }
    std::uint64_t memory_bytes() const { return cache_.bytes(); }
    std::uint64_t unfinished_bytes() const { return uploads_.bytes(); }
    std::size_t unfinished() const { return uploads_.count(); }

private:
    ModelStore(StoreOptions options, std::optional<File> lock);

    Result<MemoryBudget::Share> take_memory(std::uint64_t bytes);
    Result<ModelFront> front_of(const File& file, const ml::ModelHeader& header);
    /// These two with the memory they need in hand.
    Result<ModelFront> read_front(const File& file, const ml::ModelHeader& header);
    Result<ml::Graph> read_graph(const File& file, const ml::ModelHeader& header);
    Result<ModelCache::Loaded> load_file(const ModelId& id);
    Result<ModelCache::Loaded> decode_file(const ModelId& id, const File& file);

    const StoreOptions options_;
    /// Held as long as the store is open.
    const std::optional<File> lock_;
    MemoryBudget decoding_;
    Uploads uploads_;
    ModelFolder folder_;
    ModelCache cache_;
};

}  // namespace valence::compute
