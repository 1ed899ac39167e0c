#include "valence/state/store/tables.hpp"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

namespace valence::state {
namespace {

constexpr std::string_view kSchemaKey = "schema";
/// The layout rows.hpp describes. A new layout gets a new number.
constexpr std::string_view kSchema = "valence-state 1";

struct TableTraits {
    const char* name;
    std::size_t block_bytes;
    std::size_t write_buffer_mib;
    bool compressed;
};

/// By Table. Hashes do not compress; what is read one row at a time has small blocks.
constexpr std::array<TableTraits, kTables> kTraits{{
    {"default", 4 << 10, 4, false},
    {"accounts", 4 << 10, 32, false},
    {"storage", 4 << 10, 64, false},
    {"code", 16 << 10, 16, true},
    {"trie", 4 << 10, 64, false},
    {"history", 8 << 10, 64, true},
    {"blocks", 16 << 10, 16, true},
    {"chain", 16 << 10, 64, true},
}};

/// History keys without their block: what a reader of the past seeks by.
class WithoutBlock final : public rocksdb::SliceTransform {
public:
    const char* Name() const override { return "valence.without-block"; }
    rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
        return {key.data(), key.size() - 8};
    }
    bool InDomain(const rocksdb::Slice& key) const override { return key.size() > 8; }
};

rocksdb::CompressionType fast_compression() {
    const auto supported = rocksdb::GetSupportedCompressions();
    const bool has =
        std::find(supported.begin(), supported.end(), rocksdb::kLZ4Compression) != supported.end();
    return has ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
}

std::vector<rocksdb::ColumnFamilyDescriptor> families(const std::shared_ptr<rocksdb::Cache>& cache) {
    std::vector<rocksdb::ColumnFamilyDescriptor> out;
    for (std::size_t i = 0; i < kTables; ++i) {
        const auto& traits = kTraits[i];
        rocksdb::BlockBasedTableOptions blocks;
        blocks.block_cache = cache;
        blocks.block_size = traits.block_bytes;
        blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
        blocks.format_version = 5;
        blocks.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
        rocksdb::ColumnFamilyOptions family;
        family.write_buffer_size = traits.write_buffer_mib << 20;
        family.compression = traits.compressed ? fast_compression() : rocksdb::kNoCompression;
        family.level_compaction_dynamic_level_bytes = true;
        family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
        if (static_cast<Table>(i) == Table::history)
            family.prefix_extractor = std::make_shared<WithoutBlock>();
        out.emplace_back(traits.name, family);
    }
    return out;
}

rocksdb::DBOptions database_options() {
    rocksdb::DBOptions options;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    options.max_background_jobs = 2;
    // What is replayed at a start at most; larger write buffers would cost time there.
    options.max_total_wal_size = std::uint64_t{192} << 20;
    options.keep_log_file_num = 2;
    options.info_log_level = rocksdb::WARN_LEVEL;
    return options;
}

bool is_lock_failure(const rocksdb::Status& status) {
    return status.IsIOError() && status.ToString().find("lock") != std::string::npos;
}

/// A folder with something else in it is left alone.
Result<void> check_folder(const std::filesystem::path& folder) {
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    if (failure)
        return Error{StateError::io, fmt::format("cannot make {}: {}", folder.string(), failure.message())};
    const bool is_empty = std::filesystem::is_empty(folder, failure);
    if (failure)
        return Error{StateError::io, fmt::format("cannot read {}: {}", folder.string(), failure.message())};
    const bool has_database = std::filesystem::exists(folder / "CURRENT", failure);
    // Files of a first start that ended before the database was complete.
    const bool has_beginnings = std::filesystem::exists(folder / "LOCK", failure);
    if (is_empty || has_database || has_beginnings) return success();
    return Error{StateError::foreign_folder,
                 fmt::format("{} holds other files; name an empty folder or a new one", folder.string())};
}

Result<void> check_families(const std::string& path) {
    std::vector<std::string> names;
    const auto status = rocksdb::DB::ListColumnFamilies({}, path, &names);
    if (!status.ok()) return success();
    for (const auto& name : names) {
        const bool known =
            std::any_of(kTraits.begin(), kTraits.end(), [&](const auto& t) { return name == t.name; });
        if (!known) {
            return Error{StateError::foreign_folder,
                         fmt::format("{} has a table \"{}\" this version does not know", path, name)};
        }
    }
    return success();
}

}  // namespace

Error error_of(const rocksdb::Status& status) {
    const auto code = status.IsCorruption() ? StateError::corrupt : StateError::io;
    return Error{code, status.ToString()};
}

Result<std::shared_ptr<Tables>> Tables::open(const StateOptions& options, std::size_t block_cache_bytes) {
    std::shared_ptr<Tables> tables(new Tables);
    auto database = database_options();
    std::string path = "/valence";
    if (options.folder) {
        path = options.folder->string();
        BOOST_OUTCOME_TRYV(check_folder(*options.folder));
        BOOST_OUTCOME_TRYV(check_families(path));
        tables->write_options_.sync = options.durability == CommitDurability::power;
    } else {
        tables->memory_.reset(rocksdb::NewMemEnv(rocksdb::Env::Default()));
        database.env = tables->memory_.get();
        tables->write_options_.disableWAL = true;
    }
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    const auto cache = rocksdb::NewLRUCache(block_cache_bytes);
    const auto status = rocksdb::DB::Open(database, path, families(cache), &handles, &db);
    if (is_lock_failure(status)) return Error{StateError::locked, path};
    if (!status.ok()) return error_of(status);
    tables->db_.reset(db);
    std::copy(handles.begin(), handles.end(), tables->handles_.begin());

    const auto schema = tables->get(Table::meta, base::as_bytes(kSchemaKey));
    if (!schema) {
        const auto rows = tables->iterate(Table::meta);
        rows->SeekToFirst();
        if (rows->Valid())
            return Error{StateError::foreign_folder, path + " is a database of another program"};
        rocksdb::WriteBatch batch;
        tables->put(batch, Table::meta, base::as_bytes(kSchemaKey), base::as_bytes(kSchema));
        BOOST_OUTCOME_TRYV(tables->write(batch));
    } else if (base::as_text(*schema) != kSchema) {
        return Error{StateError::foreign_folder,
                     fmt::format("{} has the layout \"{}\", this version reads \"{}\"", path,
                                 base::as_text(*schema), kSchema)};
    }
    return tables;
}

Tables::~Tables() {
    if (db_ == nullptr) return;
    for (auto* handle : handles_)
        db_->DestroyColumnFamilyHandle(handle);
    db_->Close();
}

namespace {

void check_read(const rocksdb::Status& status) {
    if (status.ok() || status.IsNotFound()) return;
    fmt::print(stderr, "valence: the state database cannot be read: {}\n", status.ToString());
    VALENCE_CHECK(false && "the state database is readable");
}

rocksdb::ReadOptions read_options(const Moment* moment) {
    rocksdb::ReadOptions options;
    if (moment != nullptr) options.snapshot = moment->snapshot();
    return options;
}

}  // namespace

std::optional<Bytes> Tables::get(Table table, BytesView key, const Moment* moment) const {
    rocksdb::PinnableSlice value;
    const auto status = db_->Get(read_options(moment), handle(table), slice_of(key), &value);
    check_read(status);
    if (status.IsNotFound()) return std::nullopt;
    return base::to_bytes(bytes_of(value));
}

std::vector<std::optional<Bytes>> Tables::multi_get(Table table, std::span<const rocksdb::Slice> keys,
                                                    const Moment* moment) const {
    std::vector<rocksdb::PinnableSlice> values(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    db_->MultiGet(read_options(moment), handle(table), keys.size(), keys.data(), values.data(),
                  statuses.data());
    std::vector<std::optional<Bytes>> out(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        check_read(statuses[i]);
        if (statuses[i].ok()) out[i] = base::to_bytes(bytes_of(values[i]));
    }
    return out;
}

std::unique_ptr<rocksdb::Iterator> Tables::iterate(Table table, const Moment* moment) const {
    auto options = read_options(moment);
    // Readers of the history stay with one key; all other tables are read in whole ranges.
    options.prefix_same_as_start = table == Table::history;
    options.total_order_seek = table != Table::history;
    return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(options, handle(table)));
}

namespace {

void check_added(const rocksdb::Status& status) { VALENCE_CHECK(status.ok() && "a write fits its batch"); }

}  // namespace

void Tables::put(rocksdb::WriteBatch& batch, Table table, BytesView key, BytesView value) const {
    check_added(batch.Put(handle(table), slice_of(key), slice_of(value)));
}

void Tables::remove(rocksdb::WriteBatch& batch, Table table, BytesView key) const {
    check_added(batch.Delete(handle(table), slice_of(key)));
}

void Tables::remove_single(rocksdb::WriteBatch& batch, Table table, BytesView key) const {
    check_added(batch.SingleDelete(handle(table), slice_of(key)));
}

Result<void> Tables::write(rocksdb::WriteBatch& batch) const {
    const auto status = db_->Write(write_options_, &batch);
    if (!status.ok()) return error_of(status);
    return success();
}

Result<void> Tables::write_unlogged(rocksdb::WriteBatch& batch) const {
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    const auto status = db_->Write(options, &batch);
    if (!status.ok()) return error_of(status);
    return success();
}

Result<void> Tables::flush() const {
    const auto status = db_->Flush({}, {handles_.begin(), handles_.end()});
    if (!status.ok()) return error_of(status);
    return success();
}

Result<void> Tables::clear(Table table) const {
    const auto rows = iterate(table);
    rocksdb::WriteBatch batch;
    for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
        check_added(batch.Delete(handle(table), rows->key()));
        if (batch.Count() < 10'000) continue;
        BOOST_OUTCOME_TRYV(write(batch));
        batch.Clear();
    }
    return write(batch);
}

}  // namespace valence::state
