// JournaledState: the state as transactions see and change it. Reads through to a StateReader once per
// account and slot, keeps what is changed, and can undo to any checkpoint within a transaction.
//
//     JournaledState state{reader};
//     state.begin_transaction();
//     const auto before = state.checkpoint();
//     state.set_balance(address, 7);
//     state.revert_to(before);
//     state.finish_transaction(EmptyAccounts::removed);
//     StateChanges changes = state.changes();                 // of all transactions so far
//
// It knows no gas and no forks; chain::EvmHost presents it to the machine. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "valence/state/changes.hpp"

namespace valence::state {

/// What becomes, at the end of a transaction, of accounts that were touched and are empty (EIP-161).
enum class EmptyAccounts : std::uint8_t { kept, removed };

/// A slot as SSTORE's gas rules see it.
struct StorageValue {
    U256 current;
    /// At the start of the transaction.
    U256 original;
    /// Whether it was accessed before in this transaction (EIP-2929).
    bool was_warm = false;
};

class JournaledState {
public:
    /// The reader must outlive this object and not change.
    explicit JournaledState(const StateReader& base);
    JournaledState(const JournaledState&) = delete;
    JournaledState& operator=(const JournaledState&) = delete;

    // ---- Reading. An absent account reads as balance 0, nonce 0, no code.

    bool exists(const Address& a) { return entry(a).exists; }
    bool is_empty(const Address& a) { return entry(a).account.is_empty(); }
    const U256& balance(const Address& a) { return entry(a).account.balance; }
    std::uint64_t nonce(const Address& a) { return entry(a).account.nonce; }
    const Hash& code_hash(const Address& a) { return entry(a).account.code_hash; }
    /// Never null; stays alive until the end of the transaction even when the account's code changes.
    const SharedCode& code(const Address& a);
    bool has_storage(const Address& a);
    /// Without making it warm.
    U256 storage(const Address& a, const U256& key) { return slot(entry(a), key).current; }

    // ---- Writing; journaled. Writes make the account exist and touch it.

    void touch(const Address& a);
    void set_balance(const Address& a, const U256& value);
    void add_balance(const Address& a, const U256& value);
    /// The caller has checked that the balance suffices.
    void subtract_balance(const Address& a, const U256& value);
    void set_nonce(const Address& a, std::uint64_t value);
    void set_code(const Address& a, Bytes code);
    void set_storage(const Address& a, const U256& key, const U256& value);
    /// A contract's creation: the account exists and counts as created in this transaction; the balance
    /// stays.
    void create_account(const Address& a);
    bool created_in_transaction(const Address& a);
    /// Balance to 0 now, deletion at the end of the transaction. True the first time in this transaction.
    bool destroy(const Address& a);

    /// Not journaled, for state overrides of simulations: all slots are gone.
    void clear_storage(const Address& a);

    // ---- Transient storage (EIP-1153)

    U256 transient_storage(const Address& a, const U256& key) const;
    void set_transient_storage(const Address& a, const U256& key, const U256& value);

    // ---- Warm sets (EIP-2929): both answer whether it was warm before.

    bool warm_account(const Address& a);
    bool warm_slot(const Address& a, const U256& key) { return access_slot(a, key).was_warm; }
    /// The slot, which becomes warm.
    StorageValue access_slot(const Address& a, const U256& key);

    // ---- Counters that revert with the rest

    void add_refund(std::int64_t gas);
    std::int64_t refund() const { return refund_; }
    /// The logs themselves are their owner's; it truncates them to this number after a revert.
    void count_log();
    std::size_t log_count() const { return log_count_; }

    // ---- Transactions

    /// Forgets warm sets, transient storage, refund, log count; takes current values as the original ones.
    void begin_transaction();
    std::size_t checkpoint() const { return journal_.size(); }
    void revert_to(std::size_t checkpoint);
    /// Calls visit(address, account) for every account written to in this transaction, reverted or not;
    /// perhaps more than once.
    template <typename Visit>
    void for_each_touched(Visit visit) const {
        for (const auto* entry : touched_)
            visit(entry->address, entry->account);
    }
    /// Deletes what was destroyed and, if asked, touched accounts that are empty. Nothing before can be
    /// reverted then.
    void finish_transaction(EmptyAccounts empty_accounts);

    /// Everything that differs from the reader, of finished transactions.
    StateChanges changes() const;

private:
    struct Slot {
        U256 current;
        U256 original;
        /// As the reader had it.
        U256 base;
        /// Transactions in which `original` was taken, and in which the slot was last warm.
        std::uint32_t original_of = 0;
        std::uint32_t warm_in = 0;
    };

    struct Entry {
        Address address;
        Account account;
        SharedCode code;
        boost::unordered_flat_map<U256, Slot, std::hash<U256>> slots;
        /// As the reader had it.
        std::optional<Account> base;
        bool exists = false;
        /// Anything written since the reader's state, reverted or not.
        bool written = false;
        /// The reader's slots are no longer the account's.
        bool storage_cleared = false;
        /// Transactions in which the flag was last set; it holds when that is the current one.
        std::uint32_t warm_in = 0;
        std::uint32_t touched_in = 0;
        std::uint32_t created_in = 0;
        std::uint32_t destroyed_in = 0;
    };

    enum class Undo : std::uint8_t {
        balance,
        nonce,
        code,
        storage,
        transient,
        existence,
        warm_account,
        warm_slot,
        touched,
        created,
        destroyed,
        refund,
        log,
    };

    /// What a revert restores; which fields hold something depends on the kind.
    struct JournalItem {
        Undo kind;
        Entry* entry = nullptr;
        U256 key;
        U256 previous;
    };

    struct TransientKey {
        Address address;
        U256 key;
        bool operator==(const TransientKey&) const = default;
    };
    struct TransientKeyHash {
        using is_avalanching = void;
        std::size_t operator()(const TransientKey& k) const {
            return base::mix(std::hash<Address>{}(k.address), std::hash<U256>{}(k.key));
        }
    };

    Entry& entry(const Address& a) {
        return last_ != nullptr && last_->address == a ? *last_ : find_entry(a);
    }
    Entry& find_entry(const Address& a);
    Slot& slot(Entry& e, const U256& key);
    /// Marks as touched and existing, journaling both.
    void mark_written(Entry& e);
    void undo(const JournalItem& item);
    void remove(Entry& e);
    StorageValue view(Slot& s) const;

    const StateReader& base_;
    /// Entries never move; the map finds them.
    std::deque<Entry> entries_;
    boost::unordered_flat_map<Address, Entry*, std::hash<Address>> index_;
    Entry* last_ = nullptr;

    std::vector<JournalItem> journal_;
    /// Codes replaced in this transaction, in journal order: restored by reverts, and kept alive while they
    /// may run.
    std::vector<std::pair<Hash, SharedCode>> replaced_codes_;
    std::vector<SharedCode> retired_codes_;
    /// Accounts to look at when the transaction ends; may repeat.
    std::vector<Entry*> touched_;
    boost::unordered_flat_map<TransientKey, U256, TransientKeyHash> transient_;
    boost::unordered_flat_map<Hash, SharedCode, std::hash<Hash>> new_codes_;
    std::uint32_t transaction_ = 1;
    std::int64_t refund_ = 0;
    std::size_t log_count_ = 0;
};

}  // namespace valence::state
