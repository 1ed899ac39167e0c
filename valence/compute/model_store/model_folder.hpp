// ModelFolder: the validated models a node keeps on its disk, within a bound; the one unused longest gives
// way, unless it must stay. For each model two files: ID.record, what is known about it, and ID.vmodel. The
// record is written first and taken away last.
#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "valence/compute/ids.hpp"
#include "valence/compute/model_store/file.hpp"
#include "valence/compute/model_store/manifest.hpp"

namespace valence::compute {

/// What is known of a model without reading its file.
struct ModelRecord {
    ModelId id;
    Manifest manifest;
    /// Of one run: products, as ml::cost_of counts them.
    std::uint64_t multiply_accumulates = 0;
    /// Elements of all weights.
    std::uint64_t parameters = 0;
    std::uint64_t weight_bytes = 0;
    bool operator==(const ModelRecord&) const = default;
};
using SharedRecord = std::shared_ptr<const ModelRecord>;

class ModelFolder {
public:
    /// Takes up what `folder` has; without one, files have no names and end with the process.
    ModelFolder(std::optional<std::filesystem::path> folder, std::uint64_t most_bytes);

    /// Null when it is not here. Neither counts as a use.
    SharedRecord find(const ModelId& id) const;
    SharedRecord find_file(const Hash& manifest_root) const;
    /// Its file, which stays readable even if the model gives way meanwhile. Counts as a use.
    Result<std::shared_ptr<const File>> open(const ModelId& id);
    std::vector<SharedRecord> list() const;
    std::uint64_t bytes() const;

    /// Whether a file of so many bytes finds room beside those that must stay.
    bool could_take(std::uint64_t bytes) const;
    /// Takes the file of a validated model: the one at `path`, which is renamed, or where there is no folder
    /// `file` itself. Errors: too_large, io.
    Result<void> admit(ModelRecord record, std::shared_ptr<File> file,
                       const std::optional<std::filesystem::path>& path);
    /// A file that turned out damaged.
    void remove(const ModelId& id);

    /// What `must_stay` says yes to never gives way. It is asked when room is needed, on any thread.
    void keep_where(std::function<bool(const ModelId&)> must_stay);
    bool is_kept(const ModelId& id) const;

private:
    struct Entry {
        SharedRecord record;
        Hash root;
        /// Without a folder: the file.
        std::shared_ptr<const File> held;
        /// Grows with every use.
        std::uint64_t used = 0;
    };
    using Entries = std::unordered_map<ModelId, Entry>;

    void restore();
    std::filesystem::path path_of(const ModelId& id, const char* ending) const;
    void add(ModelRecord record, std::shared_ptr<const File> held);
    Result<void> make_room(std::uint64_t bytes);
    /// With the lock held.
    bool stays(const ModelId& id) const { return must_stay_ && must_stay_(id); }
    void erase(Entries::iterator entry);

    const std::optional<std::filesystem::path> folder_;
    const std::uint64_t most_bytes_;
    /// Guards what follows, and the files' coming and going.
    mutable std::mutex mutex_;
    Entries entries_;
    std::unordered_map<Hash, ModelId> by_root_;
    std::function<bool(const ModelId&)> must_stay_;
    std::uint64_t bytes_ = 0;
    std::uint64_t uses_ = 0;
};

}  // namespace valence::compute
