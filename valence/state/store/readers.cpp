#include "valence/state/store/readers.hpp"

#include "valence/state/store/history.hpp"

namespace valence::state {
namespace {

std::optional<StoredAccount> account_of_row(const std::optional<Bytes>& row) {
    if (!row || row->empty()) return std::nullopt;
    auto account = decode_account_row(*row);
    VALENCE_CHECK(account && "a stored account cannot be read");
    return account;
}

U256 slot_of_row(const std::optional<Bytes>& row) { return row ? decode_slot_row(*row) : U256{}; }

/// What both readers share: everything but where rows come from.
class RowReader : public StateReader {
public:
    RowReader(std::shared_ptr<const Moment> moment, std::shared_ptr<ReadCaches> caches)
        : moment_(std::move(moment)), caches_(std::move(caches)) {}

    std::optional<Account> account(const Address& address) const final {
        const auto stored = stored_account(address);
        if (!stored) return std::nullopt;
        return stored->account;
    }

    bool has_storage(const Address& address) const final {
        const auto stored = stored_account(address);
        return stored && stored->storage_root != kEmptyTrieRoot;
    }

    SharedCode code(const Hash& hash) const final {
        static const auto kNoCode = std::make_shared<const Bytes>();
        if (hash == kEmptyCodeHash) return kNoCode;
        if (auto code = caches_->code.find(hash)) return code;
        auto row = moment_->tables().get(Table::code, hash, moment_.get());
        if (!row) return nullptr;
        auto code = std::make_shared<const Bytes>(std::move(*row));
        caches_->code.put(hash, code);
        return code;
    }

protected:
    virtual std::optional<StoredAccount> stored_account(const Address&) const = 0;

    std::optional<Bytes> row(Table table, BytesView key) const {
        return moment_->tables().get(table, key, moment_.get());
    }
    const Moment& moment() const { return *moment_; }
    ReadCaches& caches() const { return *caches_; }

private:
    std::shared_ptr<const Moment> moment_;
    std::shared_ptr<ReadCaches> caches_;
};

class Reader final : public RowReader {
public:
    Reader(std::shared_ptr<const Moment> moment, std::shared_ptr<ReadCaches> caches, std::uint64_t version)
        : RowReader(std::move(moment), std::move(caches)), version_(version) {}

    U256 storage(const Address& address, const U256& slot) const override {
        const SlotKey key{address, slot};
        if (const auto value = caches().slots.find(key, version_)) return *value;
        const auto value = slot_of_row(row(Table::storage, slot_row_key(address, slot)));
        caches().slots.fill(key, value, version_);
        return value;
    }

protected:
    std::optional<StoredAccount> stored_account(const Address& address) const override {
        if (const auto account = caches().accounts.find(address, version_)) return *account;
        const auto account = account_of_row(row(Table::accounts, address));
        caches().accounts.fill(address, account, version_);
        return account;
    }

private:
    std::uint64_t version_;
};

class PastReader final : public RowReader {
public:
    PastReader(std::shared_ptr<const Moment> moment, std::shared_ptr<ReadCaches> caches, std::uint64_t block)
        : RowReader(std::move(moment), std::move(caches)), block_(block) {}

    U256 storage(const Address& address, const U256& slot) const override {
        const auto past = row_after(moment(), slot_history_key(address, slot), block_);
        return past ? slot_of_row(past) : slot_of_row(row(Table::storage, slot_row_key(address, slot)));
    }

protected:
    std::optional<StoredAccount> stored_account(const Address& address) const override {
        const auto past = row_after(moment(), account_history_key(address), block_);
        return past ? account_of_row(past) : account_of_row(row(Table::accounts, address));
    }

private:
    std::uint64_t block_;
};

}  // namespace

std::shared_ptr<const StateReader> make_reader(std::shared_ptr<const Moment> moment,
                                               std::shared_ptr<ReadCaches> caches, std::uint64_t version) {
    return std::make_shared<Reader>(std::move(moment), std::move(caches), version);
}

std::shared_ptr<const StateReader> make_past_reader(std::shared_ptr<const Moment> moment,
                                                    std::shared_ptr<ReadCaches> caches, std::uint64_t block) {
    return std::make_shared<PastReader>(std::move(moment), std::move(caches), block);
}

std::vector<U256> stored_slots(const Tables& tables, const Address& address, const Moment* moment) {
    std::vector<U256> slots;
    const auto rows = tables.iterate(Table::storage, moment);
    for (rows->Seek(slice_of(address)); rows->Valid() && rows->key().starts_with(slice_of(address));
         rows->Next()) {
        slots.push_back(U256::from_be(bytes_of(rows->key()).last(32)));
    }
    VALENCE_CHECK(rows->status().ok());
    return slots;
}

}  // namespace valence::state
