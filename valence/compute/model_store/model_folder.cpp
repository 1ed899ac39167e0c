#include "valence/compute/model_store/model_folder.hpp"

#include <fmt/format.h>

#include "valence/compute/model_store/store_error.hpp"

namespace valence::compute {
namespace {

constexpr const char* kRecordEnding = ".record";
constexpr const char* kModelEnding = ".vmodel";

/// A record's file: version byte, then the numbers, 8 bytes each, little endian, then the manifest.
constexpr std::uint8_t kRecordVersion = 1;
constexpr std::size_t kRecordHead = 1 + 3 * 8;
constexpr std::uint64_t kMostRecordBytes = std::uint64_t{32} << 20;

Bytes encode_record(const ModelRecord& record) {
    Bytes bytes{kRecordVersion};
    for (const auto number : {record.multiply_accumulates, record.parameters, record.weight_bytes})
        for (std::size_t i = 0; i < 8; ++i)
            bytes.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
    base::append(bytes, encode_manifest(record.manifest));
    return bytes;
}

Result<ModelRecord> read_record(const std::filesystem::path& path, const ModelId& id) {
    BOOST_OUTCOME_TRY(const auto file, File::open(path));
    BOOST_OUTCOME_TRY(const auto size, file.size());
    if (size < kRecordHead || size > kMostRecordBytes) return Error{StoreError::io, path.string()};
    BOOST_OUTCOME_TRY(const auto bytes, file.read(0, size));
    if (bytes[0] != kRecordVersion) return Error{StoreError::io, path.string()};
    const auto number = [&](std::size_t place) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 8; ++i)
            value |= std::uint64_t{bytes[1 + 8 * place + i]} << (8 * i);
        return value;
    };
    ModelRecord record{id, {}, number(0), number(1), number(2)};
    BOOST_OUTCOME_TRY(record.manifest, decode_manifest(BytesView{bytes}.subspan(kRecordHead)));
    return record;
}

}  // namespace

ModelFolder::ModelFolder(std::optional<std::filesystem::path> folder, std::uint64_t most_bytes)
    : folder_(std::move(folder)), most_bytes_(most_bytes) {
    if (folder_) restore();
}

void ModelFolder::restore() {
    std::error_code failed;
    struct Found {
        std::filesystem::file_time_type time;
        ModelRecord record;
    };
    std::vector<Found> found;
    std::vector<std::filesystem::path> rest;
    for (const auto& entry : std::filesystem::directory_iterator(*folder_, failed)) {
        const auto& path = entry.path();
        const auto id = base::fixed_from_hex<Hash>(path.stem().string());
        if (!id || path.extension() != kModelEnding) {
            rest.push_back(path);
            continue;
        }
        auto record = read_record(path_of(ModelId{id->bytes}, kRecordEnding), ModelId{id->bytes});
        const auto size = std::filesystem::file_size(path, failed);
        if (record && !failed && size == record.value().manifest.length)
            found.push_back({std::filesystem::last_write_time(path, failed), std::move(record).value()});
        else
            std::filesystem::remove(path, failed);
    }
    std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.time < b.time; });
    for (auto& [time, record] : found)
        add(std::move(record), nullptr);
    // Records without a file, and what was being written when the process ended.
    for (const auto& path : rest) {
        const auto id = base::fixed_from_hex<Hash>(path.stem().string());
        if (!id || !entries_.contains(ModelId{id->bytes}) || path.extension() != kRecordEnding)
            std::filesystem::remove(path, failed);
    }
}

std::filesystem::path ModelFolder::path_of(const ModelId& id, const char* ending) const {
    return *folder_ / (base::to_hex(id) + ending);
}

void ModelFolder::add(ModelRecord record, std::shared_ptr<const File> held) {
    const ModelId id = record.id;
    const Hash root = manifest_root(record.manifest);
    bytes_ += record.manifest.length;
    by_root_[root] = id;
    entries_[id] = {std::make_shared<const ModelRecord>(std::move(record)), root, std::move(held), ++uses_};
}

SharedRecord ModelFolder::find(const ModelId& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    return found == entries_.end() ? nullptr : found->second.record;
}

SharedRecord ModelFolder::find_file(const Hash& manifest_root) const {
    const std::lock_guard lock(mutex_);
    const auto found = by_root_.find(manifest_root);
    return found == by_root_.end() ? nullptr : entries_.at(found->second).record;
}

Result<std::shared_ptr<const File>> ModelFolder::open(const ModelId& id) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return Error{StoreError::missing, base::to_hex_prefixed(id)};
    found->second.used = ++uses_;
    if (!folder_) return found->second.held;
    BOOST_OUTCOME_TRY(auto file, File::open(path_of(id, kModelEnding)));
    // So that the order of use outlives the process.
    file.touch();
    return std::make_shared<const File>(std::move(file));
}

std::vector<SharedRecord> ModelFolder::list() const {
    const std::lock_guard lock(mutex_);
    std::vector<SharedRecord> records;
    for (const auto& [id, entry] : entries_)
        records.push_back(entry.record);
    std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) { return a->id < b->id; });
    return records;
}

std::uint64_t ModelFolder::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

bool ModelFolder::could_take(std::uint64_t bytes) const {
    const std::lock_guard lock(mutex_);
    std::uint64_t fixed = bytes;
    for (const auto& [id, entry] : entries_)
        if (stays(id)) fixed += entry.record->manifest.length;
    return fixed <= most_bytes_;
}

Result<void> ModelFolder::admit(ModelRecord record, std::shared_ptr<File> file,
                                const std::optional<std::filesystem::path>& path) {
    const std::lock_guard lock(mutex_);
    if (entries_.contains(record.id)) return success();
    BOOST_OUTCOME_TRY(make_room(record.manifest.length));
    if (!folder_) {
        add(std::move(record), std::move(file));
        return success();
    }
    BOOST_OUTCOME_TRY(file->sync());
    BOOST_OUTCOME_TRY(write_durably(path_of(record.id, kRecordEnding), encode_record(record)));
    const auto target = path_of(record.id, kModelEnding);
    std::error_code failed;
    std::filesystem::rename(*path, target, failed);
    if (failed) return Error{StoreError::io, target.string() + ": " + failed.message()};
    BOOST_OUTCOME_TRY(sync_folder(*folder_));
    add(std::move(record), nullptr);
    return success();
}

Result<void> ModelFolder::make_room(std::uint64_t bytes) {
    while (bytes_ + bytes > most_bytes_) {
        auto victim = entries_.end();
        for (auto at = entries_.begin(); at != entries_.end(); ++at) {
            const bool older = victim == entries_.end() || at->second.used < victim->second.used;
            if (older && !stays(at->first)) victim = at;
        }
        if (victim == entries_.end())
            return Error{
                StoreError::too_large,
                fmt::format("{} bytes; the models that must stay take {} of {}", bytes, bytes_, most_bytes_)};
        erase(victim);
    }
    return success();
}

void ModelFolder::remove(const ModelId& id) {
    const std::lock_guard lock(mutex_);
    if (const auto found = entries_.find(id); found != entries_.end()) erase(found);
}

void ModelFolder::erase(Entries::iterator entry) {
    const ModelId id = entry->first;
    bytes_ -= entry->second.record->manifest.length;
    by_root_.erase(entry->second.root);
    entries_.erase(entry);
    if (!folder_) return;
    std::error_code ignored;
    std::filesystem::remove(path_of(id, kModelEnding), ignored);
    std::filesystem::remove(path_of(id, kRecordEnding), ignored);
}

void ModelFolder::keep_where(std::function<bool(const ModelId&)> must_stay) {
    const std::lock_guard lock(mutex_);
    must_stay_ = std::move(must_stay);
}

bool ModelFolder::is_kept(const ModelId& id) const {
    const std::lock_guard lock(mutex_);
    return stays(id);
}

}  // namespace valence::compute
