#include "valence/state/journaled_state.hpp"

#include "valence/crypto/keccak.hpp"

namespace valence::state {
namespace {

/// RIPEMD-160's precompile. On mainnet (block 2,675,119) it was touched, empty, in a frame that ran out of
/// gas, and deleted all the same; every client has kept that touch through reverts since (EIP-716).
constexpr auto kRipemd160 = base::address_from_number(3);

const SharedCode& no_code() {
    static const SharedCode code = std::make_shared<const Bytes>();
    return code;
}

}  // namespace

JournaledState::JournaledState(const StateReader& base) : base_(base) {}

JournaledState::Entry& JournaledState::find_entry(const Address& a) {
    const auto [at, inserted] = index_.try_emplace(a, nullptr);
    if (inserted) {
        auto& e = entries_.emplace_back();
        at->second = &e;
        e.address = a;
        e.base = base_.account(a);
        e.exists = e.base.has_value();
        if (e.exists) e.account = *e.base;
    }
    last_ = at->second;
    return *last_;
}

JournaledState::Slot& JournaledState::slot(Entry& e, const U256& key) {
    const auto [at, inserted] = e.slots.try_emplace(key);
    auto& s = at->second;
    if (inserted && e.base && !e.storage_cleared) s.base = s.current = base_.storage(e.address, key);
    if (s.original_of != transaction_) {
        s.original_of = transaction_;
        s.original = s.current;
    }
    return s;
}

const SharedCode& JournaledState::code(const Address& a) {
    auto& e = entry(a);
    if (!e.code) {
        e.code = e.account.code_hash == kEmptyCodeHash ? no_code() : base_.code(e.account.code_hash);
        if (!e.code) e.code = no_code();
    }
    return e.code;
}

bool JournaledState::has_storage(const Address& a) {
    auto& e = entry(a);
    for (const auto& [key, s] : e.slots) {
        if (!s.current.is_zero()) return true;
    }
    return e.base && !e.storage_cleared && base_.has_storage(a);
}

void JournaledState::touch(const Address& a) {
    auto& e = entry(a);
    if (e.touched_in == transaction_) return;
    journal_.push_back({Undo::touched, &e, {}, e.touched_in});
    e.touched_in = transaction_;
    touched_.push_back(&e);
}

void JournaledState::mark_written(Entry& e) {
    e.written = true;
    if (!e.exists) {
        journal_.push_back({Undo::existence, &e, {}, {}});
        e.exists = true;
    }
    if (e.touched_in != transaction_) {
        journal_.push_back({Undo::touched, &e, {}, e.touched_in});
        e.touched_in = transaction_;
        touched_.push_back(&e);
    }
}

void JournaledState::set_balance(const Address& a, const U256& value) {
    auto& e = entry(a);
    mark_written(e);
    journal_.push_back({Undo::balance, &e, {}, e.account.balance});
    e.account.balance = value;
}

void JournaledState::add_balance(const Address& a, const U256& value) {
    auto& e = entry(a);
    mark_written(e);
    if (value.is_zero()) return;
    journal_.push_back({Undo::balance, &e, {}, e.account.balance});
    e.account.balance += value;
}

void JournaledState::subtract_balance(const Address& a, const U256& value) {
    auto& e = entry(a);
    mark_written(e);
    if (value.is_zero()) return;
    VALENCE_CHECK(e.account.balance >= value);
    journal_.push_back({Undo::balance, &e, {}, e.account.balance});
    e.account.balance -= value;
}

void JournaledState::set_nonce(const Address& a, std::uint64_t value) {
    auto& e = entry(a);
    mark_written(e);
    journal_.push_back({Undo::nonce, &e, {}, e.account.nonce});
    e.account.nonce = value;
}

void JournaledState::set_code(const Address& a, Bytes code) {
    auto& e = entry(a);
    mark_written(e);
    journal_.push_back({Undo::code, &e, {}, {}});
    replaced_codes_.emplace_back(e.account.code_hash, std::move(e.code));
    e.account.code_hash = crypto::keccak256(code);
    if (code.empty()) {
        e.code = no_code();
        return;
    }
    e.code = std::make_shared<const Bytes>(std::move(code));
    new_codes_.try_emplace(e.account.code_hash, e.code);
}

void JournaledState::set_storage(const Address& a, const U256& key, const U256& value) {
    auto& e = entry(a);
    auto& s = slot(e, key);
    if (s.current == value) return;
    e.written = true;
    journal_.push_back({Undo::storage, &e, key, s.current});
    s.current = value;
}

void JournaledState::create_account(const Address& a) {
    auto& e = entry(a);
    mark_written(e);
    if (e.created_in == transaction_) return;
    journal_.push_back({Undo::created, &e, {}, e.created_in});
    e.created_in = transaction_;
}

bool JournaledState::created_in_transaction(const Address& a) { return entry(a).created_in == transaction_; }

bool JournaledState::destroy(const Address& a) {
    set_balance(a, {});
    auto& e = entry(a);
    if (e.destroyed_in == transaction_) return false;
    journal_.push_back({Undo::destroyed, &e, {}, e.destroyed_in});
    e.destroyed_in = transaction_;
    return true;
}

void JournaledState::clear_storage(const Address& a) {
    auto& e = entry(a);
    e.slots.clear();
    e.storage_cleared = true;
    e.written = true;
}

U256 JournaledState::transient_storage(const Address& a, const U256& key) const {
    const auto at = transient_.find(TransientKey{a, key});
    return at == transient_.end() ? U256{} : at->second;
}

void JournaledState::set_transient_storage(const Address& a, const U256& key, const U256& value) {
    auto& current = transient_[TransientKey{a, key}];
    journal_.push_back({Undo::transient, &entry(a), key, current});
    current = value;
}

bool JournaledState::warm_account(const Address& a) {
    auto& e = entry(a);
    if (e.warm_in == transaction_) return true;
    journal_.push_back({Undo::warm_account, &e, {}, {}});
    e.warm_in = transaction_;
    return false;
}

StorageValue JournaledState::access_slot(const Address& a, const U256& key) {
    auto& e = entry(a);
    auto& s = slot(e, key);
    StorageValue value{s.current, s.original, s.warm_in == transaction_};
    if (!value.was_warm) {
        journal_.push_back({Undo::warm_slot, &e, key, {}});
        s.warm_in = transaction_;
    }
    return value;
}

void JournaledState::add_refund(std::int64_t gas) {
    journal_.push_back({Undo::refund, nullptr, {}, static_cast<std::uint64_t>(refund_)});
    refund_ += gas;
}

void JournaledState::count_log() {
    journal_.push_back({Undo::log, nullptr, {}, {}});
    ++log_count_;
}

void JournaledState::begin_transaction() {
    ++transaction_;
    journal_.clear();
    replaced_codes_.clear();
    retired_codes_.clear();
    touched_.clear();
    if (!transient_.empty()) transient_.clear();
    refund_ = 0;
    log_count_ = 0;
}

void JournaledState::undo(const JournalItem& item) {
    auto* e = item.entry;
    const auto transaction = static_cast<std::uint32_t>(item.previous.low_u64());
    switch (item.kind) {
        case Undo::balance:
            e->account.balance = item.previous;
            break;
        case Undo::nonce:
            e->account.nonce = item.previous.low_u64();
            break;
        case Undo::code:
            retired_codes_.push_back(std::move(e->code));
            e->account.code_hash = replaced_codes_.back().first;
            e->code = std::move(replaced_codes_.back().second);
            replaced_codes_.pop_back();
            break;
        case Undo::storage:
            e->slots.find(item.key)->second.current = item.previous;
            break;
        case Undo::transient:
            transient_[TransientKey{e->address, item.key}] = item.previous;
            break;
        case Undo::existence:
            e->exists = false;
            break;
        case Undo::warm_account:
            e->warm_in = 0;
            break;
        case Undo::warm_slot:
            e->slots.find(item.key)->second.warm_in = 0;
            break;
        case Undo::touched:
            if (e->address != kRipemd160) e->touched_in = transaction;
            break;
        case Undo::created:
            e->created_in = transaction;
            break;
        case Undo::destroyed:
            e->destroyed_in = transaction;
            break;
        case Undo::refund:
            refund_ = static_cast<std::int64_t>(item.previous.low_u64());
            break;
        case Undo::log:
            --log_count_;
            break;
    }
}

void JournaledState::revert_to(std::size_t checkpoint) {
    while (journal_.size() > checkpoint) {
        undo(journal_.back());
        journal_.pop_back();
    }
}

void JournaledState::remove(Entry& e) {
    e.account = {};
    e.code = nullptr;
    e.exists = false;
    e.written = true;
    e.slots.clear();
    e.storage_cleared = true;
}

void JournaledState::finish_transaction(EmptyAccounts empty_accounts) {
    for (auto* e : touched_) {
        if (e->destroyed_in == transaction_) {
            remove(*e);
        } else if (empty_accounts == EmptyAccounts::removed && e->touched_in == transaction_ && e->exists &&
                   e->account.is_empty()) {
            remove(*e);
        }
    }
    journal_.clear();
    replaced_codes_.clear();
    touched_.clear();
}

StateChanges JournaledState::changes() const {
    StateChanges changes;
    for (const auto& e : entries_) {
        if (!e.written || (!e.exists && !e.base)) continue;
        AccountChange change;
        change.storage_cleared = e.storage_cleared && e.base.has_value();
        if (e.exists) {
            change.account = e.account;
            for (const auto& [key, s] : e.slots) {
                if (s.current != s.base) change.storage.emplace(key, s.current);
            }
            if (e.account.code_hash != kEmptyCodeHash &&
                (!e.base || e.base->code_hash != e.account.code_hash)) {
                const auto at = new_codes_.find(e.account.code_hash);
                if (at != new_codes_.end()) changes.code.emplace(at->first, at->second);
            }
        }
        const bool same = change.account == e.base && change.storage.empty() && !change.storage_cleared;
        if (!same) changes.accounts.emplace(e.address, std::move(change));
    }
    return changes;
}

}  // namespace valence::state
