#include "valence/state/store/stored_walk.hpp"

#include "valence/state/store/rows.hpp"

namespace valence::state {
namespace {

WalkedAccount walked(const StoredAccount& stored) { return {stored.account, stored.storage_root}; }

/// Nothing for the row of an absent account.
std::optional<WalkedAccount> walked_account(BytesView row) {
    if (row.empty()) return std::nullopt;
    const auto stored = decode_account_row(row);
    VALENCE_CHECK(stored && "a stored account cannot be read");
    return walked(*stored);
}

/// Whether the iterator is on a key that starts with `prefix`; an empty one may have no address.
bool is_within(const rocksdb::Iterator& rows, BytesView prefix) {
    return rows.Valid() && (prefix.empty() || rows.key().starts_with(slice_of(prefix)));
}

/// Visits table rows whose key starts with `prefix`, and `over`, together in the order of keys. Where both
/// have a key, `over` holds. `key_of` and `value_of` read a row.
template <typename Key, typename Value, typename KeyOf, typename ValueOf, typename Visitor>
void walk_both(rocksdb::Iterator& rows, BytesView prefix, const std::map<Key, Value>& over, KeyOf&& key_of,
               ValueOf&& value_of, Visitor&& visit) {
    auto next = over.begin();
    for (rows.Seek(slice_of(prefix)); is_within(rows, prefix); rows.Next()) {
        const Key key = key_of(bytes_of(rows.key()));
        for (; next != over.end() && next->first < key; ++next) {
            if (visit(next->first, next->second) == Visit::stop) return;
        }
        if (next != over.end() && next->first == key) continue;
        if (visit(key, value_of(bytes_of(rows.value()))) == Visit::stop) return;
    }
    VALENCE_CHECK(rows.status().ok());
    for (; next != over.end(); ++next) {
        if (visit(next->first, next->second) == Visit::stop) return;
    }
}

class StoredWalk final : public StateWalk {
public:
    StoredWalk(std::shared_ptr<const Moment> moment, PastRows past, StateChanges later)
        : moment_(std::move(moment)), past_(std::move(past)), later_(std::move(later)) {
        for (auto at = past_.lower_bound(Bytes{'a'}); at != past_.end() && at->first[0] == 'a'; ++at) {
            const auto address = base::from_exact<Address>(BytesView(at->first).subspan(1));
            changed_[address] = walked_account(at->second);
        }
        for (const auto& [address, change] : later_.accounts) {
            auto& account = changed_.try_emplace(address, stored_account(address)).first->second;
            if (!change.account) {
                account.reset();
                continue;
            }
            const bool slots_stay = account && !change.storage_cleared && change.storage.empty();
            const auto root = slots_stay ? account->storage_root : std::nullopt;
            account = WalkedAccount{*change.account, root};
        }
    }

    void accounts(const AccountVisitor& visit) const override {
        const auto rows = moment_->tables().iterate(Table::accounts, moment_.get());
        walk_both(
            *rows, {}, changed_, [](BytesView key) { return base::from_exact<Address>(key); }, walked_account,
            [&](const Address& address, const std::optional<WalkedAccount>& account) {
                return account ? visit(address, *account) : Visit::go_on;
            });
    }

    void slots(const Address& address, const SlotVisitor& visit) const override {
        const auto see = [&](const U256& slot, const U256& value) {
            return value.is_zero() ? Visit::go_on : visit(slot, value);
        };
        const auto change = later_.accounts.find(address);
        const bool changed = change != later_.accounts.end();
        if (changed && (!change->second.account || change->second.storage_cleared)) {
            for (const auto& [slot, value] : change->second.storage) {
                if (see(slot, value) == Visit::stop) return;
            }
            return;
        }
        auto over = past_slots(address);
        if (changed) {
            for (const auto& [slot, value] : change->second.storage)
                over[slot] = value;
        }
        const auto rows = moment_->tables().iterate(Table::storage, moment_.get());
        walk_both(
            *rows, address, over, [](BytesView key) { return U256::from_be(key.last(32)); }, decode_slot_row,
            see);
    }

    SharedCode code(const Hash& hash) const override {
        if (hash == kEmptyCodeHash) return std::make_shared<const Bytes>();
        if (const auto found = later_.code.find(hash); found != later_.code.end()) return found->second;
        auto row = moment_->tables().get(Table::code, hash, moment_.get());
        return row ? std::make_shared<const Bytes>(std::move(*row)) : nullptr;
    }

private:
    std::optional<WalkedAccount> stored_account(const Address& address) const {
        const auto row = moment_->tables().get(Table::accounts, address, moment_.get());
        return row ? walked_account(*row) : std::nullopt;
    }

    std::map<U256, U256> past_slots(const Address& address) const {
        Bytes prefix{'s'};
        base::append(prefix, address);
        std::map<U256, U256> slots;
        for (auto at = past_.lower_bound(prefix); at != past_.end(); ++at) {
            const BytesView key(at->first);
            if (!std::equal(prefix.begin(), prefix.end(), key.begin())) break;
            slots[U256::from_be(key.last(32))] = decode_slot_row(at->second);
        }
        return slots;
    }

    std::shared_ptr<const Moment> moment_;
    PastRows past_;
    StateChanges later_;
    /// Accounts that differ from their rows; nothing for those that are not there.
    std::map<Address, std::optional<WalkedAccount>> changed_;
};

}  // namespace

std::unique_ptr<const StateWalk> make_walk(std::shared_ptr<const Moment> moment, PastRows past,
                                           StateChanges later) {
    return std::make_unique<const StoredWalk>(std::move(moment), std::move(past), std::move(later));
}

}  // namespace valence::state
