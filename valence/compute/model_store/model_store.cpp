#include "valence/compute/model_store/model_store.hpp"

#include <fmt/format.h>

#include "valence/compute/model_store/store_error.hpp"
#include "valence/ml/graph/cost.hpp"
#include "valence/ml/graph/model_error.hpp"
#include "valence/outcome/outcome_error.hpp"

namespace valence::compute {
namespace {

/// The parts of a store's folder.
constexpr const char* kFiles = "files";
constexpr const char* kUploads = "uploads";

/// A model's error in the store's terms.
Error refused(const Error& error) {
    const bool large = error.code == make_error_code(ml::ModelError::too_large);
    return Error{large ? StoreError::too_large : StoreError::invalid, error.message()};
}

bool ends_upload(const Error& error) {
    return error.code == make_error_code(StoreError::invalid) ||
           error.code == make_error_code(StoreError::too_large);
}

Result<ml::ModelHeader> read_header(const File& file) {
    BOOST_OUTCOME_TRY(const auto size, file.size());
    BOOST_OUTCOME_TRY(const auto bytes, file.read(0, std::min<std::uint64_t>(size, ml::kHeaderSize)));
    const auto header = ml::decode_header(bytes);
    if (!header) return Error{StoreError::invalid, header.error().message()};
    if (header.value().file_bytes() != size)
        return Error{StoreError::invalid,
                     fmt::format("{} bytes, its header says {}", size, header.value().file_bytes())};
    return header.value();
}

/// What decoding a whole file takes, and the plan made of it: repacked weights are up to four bytes a byte.
std::uint64_t memory_for(const ml::ModelHeader& header) {
    return header.memory_bound() + 4 * header.weight_bytes;
}

std::optional<std::filesystem::path> inside(const std::optional<std::filesystem::path>& folder,
                                            const char* name) {
    if (!folder) return std::nullopt;
    return *folder / name;
}

}  // namespace

Result<std::unique_ptr<ModelStore>> ModelStore::open(StoreOptions options) {
    if (!options.now) options.now = [] { return std::chrono::steady_clock::now(); };
    std::optional<File> lock;
    if (options.folder) {
        for (const char* name : {kFiles, kUploads}) {
            std::error_code failed;
            std::filesystem::create_directories(*options.folder / name, failed);
            if (failed) return Error{StoreError::io, options.folder->string() + ": " + failed.message()};
        }
        BOOST_OUTCOME_TRY(lock, File::create(*options.folder / "lock"));
        if (!lock->lock()) return Error{StoreError::locked, options.folder->string()};
    }
    return std::unique_ptr<ModelStore>(new ModelStore(std::move(options), std::move(lock)));
}

ModelStore::ModelStore(StoreOptions options, std::optional<File> lock)
    : options_(std::move(options)),
      lock_(std::move(lock)),
      decoding_(options_.decoding_bytes),
      uploads_(inside(options_.folder, kUploads), options_.uploads, options_.now),
      folder_(inside(options_.folder, kFiles), options_.disk_bytes),
      cache_(options_.memory_bytes, [this](const ModelId& id) { return load_file(id); }) {}

ModelStore::~ModelStore() = default;

// ---- Files coming in

Result<UploadStatus> ModelStore::begin(const Manifest& manifest, const std::string& uploader) {
    BOOST_OUTCOME_TRY(check_manifest(manifest, options_.disk_bytes));
    const Hash root = manifest_root(manifest);
    if (const auto record = folder_.find_file(root)) return UploadStatus{root, {}, record->id};
    if (!folder_.could_take(manifest.length))
        return Error{StoreError::too_large,
                     fmt::format("{} bytes beside the models that must stay", manifest.length)};
    BOOST_OUTCOME_TRY(const auto upload, uploads_.begin(manifest, uploader));
    return UploadStatus{root, upload->missing(), std::nullopt};
}

Result<std::optional<ModelId>> ModelStore::put(const Hash& root, std::uint64_t chunk, BytesView bytes) {
    const auto upload = uploads_.find(root);
    if (!upload) return Error{StoreError::unknown_upload, base::to_hex_prefixed(root)};
    const auto take = [&]() -> Result<std::optional<ModelId>> {
        BOOST_OUTCOME_TRY(const auto progress, upload->put(chunk, bytes));
        if (progress == Upload::Progress::front_complete) {
            BOOST_OUTCOME_TRY(const auto front, front_of(*upload->part(), *upload->header()));
            upload->set_model(front.id);
        }
        return upload->model();
    };
    auto taken = take();
    if (!taken && ends_upload(taken.error())) uploads_.drop(root);
    return taken;
}

Result<SharedRecord> ModelStore::finish(const Hash& root) {
    if (const auto record = folder_.find_file(root)) return record;
    const auto upload = uploads_.find(root);
    if (!upload) return Error{StoreError::unknown_upload, base::to_hex_prefixed(root)};
    const auto take = [&]() -> Result<SharedRecord> {
        const std::lock_guard finishing(upload->finishing);
        // Somebody else may have finished it while this waited.
        if (const auto record = folder_.find_file(root)) return record;
        if (const auto missing = upload->missing(); !missing.empty())
            return Error{StoreError::incomplete,
                         fmt::format("{}, the first of them number {}", missing.size(), missing.front())};
        BOOST_OUTCOME_TRY(const auto header, read_header(*upload->part()));
        BOOST_OUTCOME_TRY(const auto share, take_memory(memory_for(header)));
        BOOST_OUTCOME_TRY(const auto front, read_front(*upload->part(), header));
        BOOST_OUTCOME_TRY(const auto graph, read_graph(*upload->part(), header));
        const auto cost = ml::cost_of(graph);
        BOOST_OUTCOME_TRY(folder_.admit({front.id, upload->manifest(), cost.total.multiply_accumulates,
                                         cost.parameters, cost.weight_bytes},
                                        upload->part(), uploads_.part_path(root)));
        return folder_.find(front.id);
    };
    auto taken = take();
    if (taken || ends_upload(taken.error())) uploads_.drop(root);
    return taken;
}

Result<SharedRecord> ModelStore::add(BytesView file, const std::string& uploader) {
    BOOST_OUTCOME_TRY(const auto status, begin(make_manifest(file), uploader));
    for (const auto chunk : status.missing) {
        const auto at = chunk * kTransportChunk;
        BOOST_OUTCOME_TRY(put(status.upload, chunk,
                              file.subspan(at, std::min<std::uint64_t>(kTransportChunk, file.size() - at))));
    }
    return finish(status.upload);
}

// ---- Models

Result<Bytes> ModelStore::chunk(const ModelId& id, std::uint64_t index) {
    const auto record = folder_.find(id);
    if (!record) return Error{StoreError::missing, base::to_hex_prefixed(id)};
    if (index >= record->manifest.chunks.size())
        return Error{StoreError::wrong_chunk, fmt::format("{} of {}", index, record->manifest.chunks.size())};
    BOOST_OUTCOME_TRY(const auto file, folder_.open(id));
    return file->read(index * kTransportChunk, record->manifest.chunk_bytes(index));
}

Result<ModelFront> ModelStore::front(const ModelId& id) {
    BOOST_OUTCOME_TRY(const auto file, folder_.open(id));
    BOOST_OUTCOME_TRY(const auto header, read_header(*file));
    return front_of(*file, header);
}

Result<MemoryBudget::Share> ModelStore::take_memory(std::uint64_t bytes) {
    auto share = decoding_.take(bytes);
    if (!share)
        return Error{StoreError::too_large, fmt::format("decoding takes up to {} bytes of memory, above {}",
                                                        bytes, decoding_.bytes())};
    return std::move(*share);
}

Result<ModelFront> ModelStore::front_of(const File& file, const ml::ModelHeader& header) {
    BOOST_OUTCOME_TRY(const auto share, take_memory(header.memory_bound() - header.weight_bytes));
    return read_front(file, header);
}

Result<ModelFront> ModelStore::read_front(const File& file, const ml::ModelHeader& header) {
    BOOST_OUTCOME_TRY(const auto bytes, file.read(0, front_bytes(header)));
    return decode_front(bytes);
}

Result<ml::Graph> ModelStore::read_graph(const File& file, const ml::ModelHeader& header) {
    ml::ModelReader reader{header.memory_bound()};
    for (std::uint64_t at = 0; at < header.file_bytes(); at += kTransportChunk) {
        BOOST_OUTCOME_TRY(const auto piece,
                          file.read(at, std::min<std::uint64_t>(kTransportChunk, header.file_bytes() - at)));
        if (const auto pushed = reader.push(piece); !pushed) return refused(pushed.error());
    }
    auto graph = reader.finish();
    if (!graph) return refused(graph.error());
    return std::move(graph).value();
}

Result<SharedModel> ModelStore::load(const ml::ModelId& id) {
    auto model = cache_.get(id);
    // Every file here was validated when it came: whatever else is wrong now says nothing about the model.
    const bool is_too_large = !model && model.error() == Error{ml::ModelError::too_large};
    if (!model && !is_too_large) return Error{outcome::OutcomeError::model_missing, model.error().message()};
    return model;
}

Result<ModelCache::Loaded> ModelStore::load_file(const ModelId& id) {
    BOOST_OUTCOME_TRY(const auto file, folder_.open(id));
    auto model = decode_file(id, *file);
    if (!model && model.error().code == make_error_code(StoreError::invalid)) folder_.remove(id);
    return model;
}

Result<ModelCache::Loaded> ModelStore::decode_file(const ModelId& id, const File& file) {
    BOOST_OUTCOME_TRY(const auto header, read_header(file));
    BOOST_OUTCOME_TRY(const auto share, take_memory(memory_for(header)));
    {
        BOOST_OUTCOME_TRY(const auto front, read_front(file, header));
        if (front.id != id) return Error{StoreError::invalid, "the file is another model's"};
    }
    BOOST_OUTCOME_TRY(auto decoded, read_graph(file, header));
    const auto graph = std::make_shared<const ml::Graph>(std::move(decoded));
    ml::PlanOptions limits;
    limits.memory_limit = std::min<std::uint64_t>(limits.memory_limit, options_.decoding_bytes);
    BOOST_OUTCOME_TRY(auto plan, ml::plan(graph, limits));
    const std::uint64_t bytes = header.weight_bytes + plan.bytes() + front_bytes(header);
    return ModelCache::Loaded{
        std::make_shared<const outcome::LoadedModel>(outcome::LoadedModel{id, std::move(plan)}), bytes};
}

}  // namespace valence::compute
