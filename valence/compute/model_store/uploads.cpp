#include "valence/compute/model_store/uploads.hpp"

#include <fmt/format.h>

#include "valence/compute/model_store/store_error.hpp"

namespace valence::compute {
namespace {

constexpr const char* kManifestFile = "manifest";
constexpr const char* kPartFile = "part";
/// What others on the same disk keep.
constexpr std::uint64_t kSparedDisk = std::uint64_t{256} << 20;
/// No manifest of ours is larger: 256 GiB of model.
constexpr std::uint64_t kMostManifestBytes = std::uint64_t{32} << 20;

Result<Manifest> read_manifest(const std::filesystem::path& path) {
    BOOST_OUTCOME_TRY(const auto file, File::open(path));
    BOOST_OUTCOME_TRY(const auto size, file.size());
    if (size > kMostManifestBytes) return Error{StoreError::bad_manifest, path.string()};
    BOOST_OUTCOME_TRY(const auto bytes, file.read(0, size));
    return decode_manifest(bytes);
}

}  // namespace

Uploads::Uploads(std::optional<std::filesystem::path> folder, UploadLimits limits, Now now)
    : folder_(std::move(folder)), limits_(limits), now_(std::move(now)) {
    if (folder_) restore();
}

void Uploads::restore() {
    std::error_code failed;
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(*folder_, failed))
        found.push_back(entry.path());
    std::uint64_t bytes = 0;
    for (const auto& path : found) {
        const auto root = base::fixed_from_hex<Hash>(path.filename().string());
        const auto manifest = read_manifest(path / kManifestFile);
        auto part = File::open(path / kPartFile);
        // What a crash left half made, or more than is kept now, goes.
        const bool keep = root && manifest && manifest_root(manifest.value()) == *root && part &&
                          entries_.size() < limits_.count &&
                          bytes + manifest.value().length <= limits_.bytes &&
                          part.value().resize(manifest.value().length);
        if (!keep) {
            std::filesystem::remove_all(path, failed);
            continue;
        }
        bytes += manifest.value().length;
        entries_[*root] = {
            std::make_shared<Upload>(manifest.value(), std::make_shared<File>(std::move(part).value()),
                                     Upload::Origin::restored),
            "", now_()};
    }
}

std::filesystem::path Uploads::folder_of(const Hash& root) const { return *folder_ / base::to_hex(root); }

std::optional<std::filesystem::path> Uploads::part_path(const Hash& root) const {
    if (!folder_) return std::nullopt;
    return folder_of(root) / kPartFile;
}

Result<File> Uploads::make_part(const Manifest& manifest, const Hash& root) const {
    std::error_code failed;
    const auto beside = folder_ ? *folder_ : std::filesystem::temp_directory_path(failed);
    const auto room = std::filesystem::space(beside, failed);
    if (!failed && room.available < manifest.length + kSparedDisk)
        return Error{StoreError::too_large,
                     fmt::format("{} bytes, with {} left on the disk", manifest.length, room.available)};
    if (!folder_) {
        BOOST_OUTCOME_TRY(auto part, File::nameless(beside));
        BOOST_OUTCOME_TRY(part.resize(manifest.length));
        return part;
    }
    const auto folder = folder_of(root);
    std::filesystem::create_directories(folder, failed);
    BOOST_OUTCOME_TRY(auto part, File::create(folder / kPartFile));
    BOOST_OUTCOME_TRY(part.resize(manifest.length));
    // Last: an upload's folder counts only with a whole manifest.
    BOOST_OUTCOME_TRY(write_durably(folder / kManifestFile, encode_manifest(manifest)));
    return part;
}

Result<std::shared_ptr<Upload>> Uploads::begin(const Manifest& manifest, const std::string& uploader) {
    const Hash root = manifest_root(manifest);
    const std::lock_guard lock(mutex_);
    if (const auto known = entries_.find(root); known != entries_.end()) {
        known->second.uploader = uploader;
        known->second.last = now_();
        return known->second.upload;
    }
    BOOST_OUTCOME_TRY(make_room(manifest.length, uploader));
    auto part = make_part(manifest, root);
    if (!part) {
        std::error_code ignored;
        if (folder_) std::filesystem::remove_all(folder_of(root), ignored);
        return part.error();
    }
    auto upload = std::make_shared<Upload>(manifest, std::make_shared<File>(std::move(part).value()),
                                           Upload::Origin::fresh);
    entries_[root] = {upload, uploader, now_()};
    return upload;
}

Result<void> Uploads::make_room(std::uint64_t bytes, const std::string& uploader) {
    if (bytes > limits_.bytes_each || bytes > limits_.bytes)
        return Error{StoreError::too_large,
                     fmt::format("{} bytes, above {} of one uploader", bytes, limits_.bytes_each)};
    const auto now = now_();
    for (auto at = entries_.begin(); at != entries_.end();)
        at = now - at->second.last >= limits_.life ? drop(at) : std::next(at);
    for (;;) {
        std::size_t count = 0;
        std::size_t count_own = 0;
        std::uint64_t sum = bytes;
        std::uint64_t sum_own = bytes;
        // Which gives way: of those that count towards what is exceeded, the one idle longest.
        auto oldest = entries_.end();
        auto oldest_own = entries_.end();
        for (auto at = entries_.begin(); at != entries_.end(); ++at) {
            const Entry& entry = at->second;
            const auto older = [&](Entries::iterator than) {
                return than == entries_.end() || entry.last < than->second.last;
            };
            ++count;
            sum += entry.upload->manifest().length;
            if (older(oldest)) oldest = at;
            if (entry.uploader != uploader) continue;
            ++count_own;
            sum_own += entry.upload->manifest().length;
            if (older(oldest_own)) oldest_own = at;
        }
        const bool own = count_own >= limits_.count_each || sum_own > limits_.bytes_each;
        if (!own && count < limits_.count && sum <= limits_.bytes) return success();
        const auto victim = own ? oldest_own : oldest;
        if (now - victim->second.last < limits_.idle)
            return Error{StoreError::too_many_uploads,
                         own ? "of this uploader; finish those begun, or wait a minute" : "try again later"};
        drop(victim);
    }
}

std::shared_ptr<Upload> Uploads::find(const Hash& root) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(root);
    if (found == entries_.end()) return nullptr;
    found->second.last = now_();
    return found->second.upload;
}

void Uploads::drop(const Hash& root) {
    const std::lock_guard lock(mutex_);
    if (const auto found = entries_.find(root); found != entries_.end()) drop(found);
}

Uploads::Entries::iterator Uploads::drop(Entries::iterator entry) {
    std::error_code ignored;
    if (folder_) std::filesystem::remove_all(folder_of(entry->first), ignored);
    return entries_.erase(entry);
}

std::size_t Uploads::count() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

std::uint64_t Uploads::bytes() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t sum = 0;
    for (const auto& [root, entry] : entries_)
        sum += entry.upload->manifest().length;
    return sum;
}

}  // namespace valence::compute
