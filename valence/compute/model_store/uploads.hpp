// Uploads: the unfinished uploads of a store, a bounded number of them. Each has a folder of its own, named
// by its manifest's root, with the files `manifest` and `part`; they are still there after a restart.
//
// An upload that nobody sent anything to for a while gives way when another needs its place, the one that
// waited longest first; after its life it is dropped in any case.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "valence/compute/model_store/store_options.hpp"
#include "valence/compute/model_store/upload.hpp"

namespace valence::compute {

class Uploads {
public:
    /// Takes up what `folder` has; without one, files have no names and end with the process.
    Uploads(std::optional<std::filesystem::path> folder, UploadLimits limits, Now now);

    /// The upload of this manifest: the one under way, or a new one. Errors: too_many_uploads, too_large
    /// (above an uploader's bytes, or the disk's), io.
    Result<std::shared_ptr<Upload>> begin(const Manifest& manifest, const std::string& uploader);
    /// Null when there is none. Counts as a sign of life.
    std::shared_ptr<Upload> find(const Hash& root);
    /// Forgets it and its files.
    void drop(const Hash& root);
    /// Where its bytes lie; nothing without a folder.
    std::optional<std::filesystem::path> part_path(const Hash& root) const;

    std::size_t count() const;
    std::uint64_t bytes() const;

private:
    struct Entry {
        std::shared_ptr<Upload> upload;
        std::string uploader;
        std::chrono::steady_clock::time_point last;
    };
    using Entries = std::map<Hash, Entry>;

    void restore();
    std::filesystem::path folder_of(const Hash& root) const;
    Result<File> make_part(const Manifest& manifest, const Hash& root) const;
    Result<void> make_room(std::uint64_t bytes, const std::string& uploader);
    Entries::iterator drop(Entries::iterator entry);

    const std::optional<std::filesystem::path> folder_;
    const UploadLimits limits_;
    const Now now_;
    /// Guards entries_, and the folders' coming and going.
    mutable std::mutex mutex_;
    Entries entries_;
};

}  // namespace valence::compute
