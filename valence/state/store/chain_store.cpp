#include "valence/state/store/chain_store.hpp"

namespace valence::state {
namespace {

/// Of a record in a batch, beside key and value: tag, column family, two lengths.
constexpr std::size_t kWriteOverhead = 8;

bool starts_with(BytesView key, BytesView prefix) {
    return key.size() >= prefix.size() && base::equal(key.first(prefix.size()), prefix);
}

std::vector<std::optional<Bytes>> read_many(const Tables& tables, std::span<const Bytes> keys,
                                            const Moment* moment) {
    std::vector<rocksdb::Slice> slices;
    slices.reserve(keys.size());
    for (const auto& key : keys)
        slices.push_back(slice_of(key));
    return tables.multi_get(Table::chain, slices, moment);
}

/// The first key after all that start with `prefix`; empty when there is none.
Bytes end_of_prefix(BytesView prefix) {
    auto end = base::to_bytes(prefix);
    while (!end.empty() && end.back() == 0xff)
        end.pop_back();
    if (!end.empty()) ++end.back();
    return end;
}

void seek_last(rocksdb::Iterator& rows, BytesView prefix, BytesView from) {
    if (!from.empty()) {
        rows.SeekForPrev(slice_of(from));
        return;
    }
    const auto end = end_of_prefix(prefix);
    if (end.empty()) {
        rows.SeekToLast();
        return;
    }
    rows.SeekForPrev(slice_of(end));
    if (rows.Valid() && base::equal(bytes_of(rows.key()), end)) rows.Prev();
}

void visit_rows(rocksdb::Iterator& rows, BytesView prefix, BytesView from, Direction direction,
                const KeyValueView::Visitor& visit) {
    const bool ascending = direction == Direction::ascending;
    if (ascending) {
        rows.Seek(slice_of(from.empty() ? prefix : from));
    } else {
        seek_last(rows, prefix, from);
    }
    while (rows.Valid() && starts_with(bytes_of(rows.key()), prefix)) {
        if (visit(bytes_of(rows.key()), bytes_of(rows.value())) == Visit::stop) return;
        ascending ? rows.Next() : rows.Prev();
    }
    VALENCE_CHECK(rows.status().ok() && "the chain's table is readable");
}

class ChainSnapshot final : public KeyValueView {
public:
    explicit ChainSnapshot(std::shared_ptr<const Tables> tables) : moment_(std::move(tables)) {}

    std::optional<Bytes> get(BytesView key) const override {
        return moment_.tables().get(Table::chain, key, &moment_);
    }
    std::vector<std::optional<Bytes>> multi_get(std::span<const Bytes> keys) const override {
        return read_many(moment_.tables(), keys, &moment_);
    }
    void iterate(BytesView prefix, BytesView from, Direction direction, const Visitor& visit) const override {
        visit_rows(*moment_.tables().iterate(Table::chain, &moment_), prefix, from, direction, visit);
    }

private:
    Moment moment_;
};

}  // namespace

std::optional<Bytes> ChainStore::get(BytesView key) const { return tables_->get(Table::chain, key); }

std::vector<std::optional<Bytes>> ChainStore::multi_get(std::span<const Bytes> keys) const {
    return read_many(*tables_, keys, nullptr);
}

void ChainStore::iterate(BytesView prefix, BytesView from, Direction direction, const Visitor& visit) const {
    visit_rows(*tables_->iterate(Table::chain), prefix, from, direction, visit);
}

std::shared_ptr<const KeyValueView> ChainStore::snapshot() const {
    return std::make_shared<ChainSnapshot>(tables_);
}

Result<void> ChainStore::write(const KeyValueBatch& writes) {
    rocksdb::WriteBatch batch;
    add(*tables_, batch, writes);
    return tables_->write(batch);
}

std::size_t ChainStore::bytes_of(const KeyValueBatch& writes) {
    std::size_t bytes = 0;
    for (const auto& write : writes)
        bytes += kWriteOverhead + write.key.size() + (write.value ? write.value->size() : 0);
    return bytes;
}

void ChainStore::add(const Tables& tables, rocksdb::WriteBatch& batch, const KeyValueBatch& writes) {
    for (const auto& write : writes) {
        if (write.value) {
            tables.put(batch, Table::chain, write.key, *write.value);
        } else {
            tables.remove(batch, Table::chain, write.key);
        }
    }
}

}  // namespace valence::state
