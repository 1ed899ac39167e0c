// Tables: the RocksDB database beneath the state: its column families, how it is opened, and the few
// operations used. A read that fails ends the program: the data is damaged, and no caller could go on without
// it.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "valence/state/state_database.hpp"

namespace valence::state {

enum class Table : std::uint8_t { meta, accounts, storage, code, trie, history, blocks, chain };
inline constexpr std::size_t kTables = 8;

inline rocksdb::Slice slice_of(BytesView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline BytesView bytes_of(const rocksdb::Slice& slice) {
    return {reinterpret_cast<const std::uint8_t*>(slice.data()), slice.size()};
}

/// A moment of the database, kept readable while this lives.
class Moment;

class Tables {
public:
    /// Errors: locked, foreign_folder, io.
    static Result<std::shared_ptr<Tables>> open(const StateOptions&, std::size_t block_cache_bytes);
    ~Tables();
    Tables(const Tables&) = delete;
    Tables& operator=(const Tables&) = delete;

    rocksdb::DB& db() const { return *db_; }
    rocksdb::ColumnFamilyHandle* handle(Table table) const {
        return handles_[static_cast<std::size_t>(table)];
    }

    /// As of `moment`, or now when it is null.
    std::optional<Bytes> get(Table, BytesView key, const Moment* moment = nullptr) const;
    std::vector<std::optional<Bytes>> multi_get(Table, std::span<const rocksdb::Slice> keys,
                                                const Moment* moment = nullptr) const;
    std::unique_ptr<rocksdb::Iterator> iterate(Table, const Moment* moment = nullptr) const;

    void put(rocksdb::WriteBatch&, Table, BytesView key, BytesView value) const;
    void remove(rocksdb::WriteBatch&, Table, BytesView key) const;
    /// Of a key that was put once.
    void remove_single(rocksdb::WriteBatch&, Table, BytesView key) const;

    /// As durable as the options ask.
    Result<void> write(rocksdb::WriteBatch&) const;
    /// Without the log: lost in a crash, until `flush`.
    Result<void> write_unlogged(rocksdb::WriteBatch&) const;
    Result<void> flush() const;
    /// Removes all rows of a table.
    Result<void> clear(Table) const;

private:
    Tables() = default;

    /// Before the database, which uses it.
    std::unique_ptr<rocksdb::Env> memory_;
    std::unique_ptr<rocksdb::DB> db_;
    std::array<rocksdb::ColumnFamilyHandle*, kTables> handles_{};
    rocksdb::WriteOptions write_options_;
};

class Moment {
public:
    explicit Moment(std::shared_ptr<const Tables> tables)
        : tables_(std::move(tables)), snapshot_(tables_->db().GetSnapshot()) {}
    ~Moment() { tables_->db().ReleaseSnapshot(snapshot_); }
    Moment(const Moment&) = delete;
    Moment& operator=(const Moment&) = delete;

    const Tables& tables() const { return *tables_; }
    const rocksdb::Snapshot* snapshot() const { return snapshot_; }

private:
    std::shared_ptr<const Tables> tables_;
    const rocksdb::Snapshot* snapshot_;
};

/// The error for a status that is not ok.
Error error_of(const rocksdb::Status&);

}  // namespace valence::state
