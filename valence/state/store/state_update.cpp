#include "valence/state/store/state_update.hpp"

#include "valence/base/parallel.hpp"
#include "valence/crypto/keccak_batch.hpp"
#include "valence/state/trie/full_root.hpp"
#include "valence/state/trie/spread.hpp"

namespace valence::state {
namespace {

struct SlotWork {
    Hash hashed;
    U256 slot;
    U256 after;
    U256 before;
    LeafUpdate::Change change = LeafUpdate::Change::set;
    /// RLP of the value.
    boost::container::static_vector<std::uint8_t, 33> leaf;

    void encode() {
        const auto word = after.to_hash();
        const auto width = after.byte_width();
        if (width == 1 && word[31] < 0x80) {
            leaf.push_back(word[31]);
        } else {
            leaf.push_back(static_cast<std::uint8_t>(0x80 + width));
            leaf.insert(leaf.end(), word.end() - width, word.end());
        }
    }
};

struct AccountWork {
    Hash hashed;
    Address address;
    /// Null when the account is only proved.
    const AccountChange* change = nullptr;
    std::vector<SlotWork> slots;
    std::vector<LeafUpdate> slot_updates;
    /// Null when no slot is touched.
    WorkedTrie* trie = nullptr;
    std::optional<StoredAccount> before;
    std::optional<StoredAccount> after;
    Bytes leaf;

    bool removed() const { return change != nullptr && !change->account; }
    bool clears_storage() const { return change != nullptr && (change->storage_cleared || !change->account); }
};

/// Fills in `hashed` of each: the hash of its key.
template <typename Work, typename Key>
void hash_keys(std::vector<Work>& works, Key&& key_of) {
    spread(works.size(), 64, [&](std::size_t first, std::size_t last) {
        std::vector<decltype(key_of(works[0]))> keys;
        std::vector<BytesView> views;
        keys.reserve(last - first);
        views.reserve(last - first);
        for (auto i = first; i < last; ++i)
            views.push_back(keys.emplace_back(key_of(works[i])));
        std::vector<Hash> hashes(views.size());
        crypto::keccak256_batch(views, hashes);
        for (auto i = first; i < last; ++i)
            works[i].hashed = hashes[i - first];
    });
}

/// The value of a slot's leaf.
U256 decode_slot_leaf(BytesView leaf) {
    VALENCE_CHECK(!leaf.empty() && leaf.size() <= 33);
    return U256::from_be(leaf[0] < 0x80 ? leaf : leaf.subspan(1));
}

/// The slots a change touches, with their values afterwards.
std::map<U256, U256> slots_after(const AccountWork& work, const StoredSlots& stored) {
    std::map<U256, U256> slots;
    if (work.clears_storage()) {
        for (const auto& slot : stored(work.address))
            slots[slot] = U256{};
    }
    if (work.change != nullptr && !work.removed()) {
        for (const auto& [slot, value] : work.change->storage)
            slots[slot] = value;
    }
    return slots;
}

void make_slot_updates(AccountWork& work, const StoredSlots& stored, std::span<const U256> proved) {
    const auto touch = [&](const U256& slot, const U256& after, LeafUpdate::Change change) {
        auto& added = work.slots.emplace_back();
        added.slot = slot;
        added.after = after;
        added.change = change;
        if (change == LeafUpdate::Change::set) added.encode();
    };
    const auto put = [&](const U256& slot, const U256& after) {
        touch(slot, after, after.is_zero() ? LeafUpdate::Change::remove : LeafUpdate::Change::set);
    };
    if (work.clears_storage() || !proved.empty()) {
        const auto slots = slots_after(work, stored);
        for (const auto& [slot, after] : slots)
            put(slot, after);
        std::map<U256, U256> kept;
        for (const auto& slot : proved) {
            if (!slots.contains(slot) && kept.try_emplace(slot).second)
                touch(slot, {}, LeafUpdate::Change::keep);
        }
    } else if (work.change != nullptr) {
        work.slots.reserve(work.change->storage.size());
        for (const auto& [slot, after] : work.change->storage)
            put(slot, after);
    }
    hash_keys(work.slots, [](const SlotWork& slot) { return slot.slot.to_hash(); });
    base::sort_in_parallel(work.slots,
                           [](const SlotWork& a, const SlotWork& b) { return a.hashed < b.hashed; });
    work.slot_updates.reserve(work.slots.size());
    for (const auto& slot : work.slots) {
        work.slot_updates.push_back({slot.hashed, {slot.leaf.data(), slot.leaf.size()}, slot.change});
    }
}

}  // namespace

struct StateUpdate::Parts {
    Parts(const NodeSource& nodes, const StoredSlots& stored, const StateChanges& changes,
          std::optional<ProofTarget> proved)
        : work(nodes), target(proved) {
        gather(changes);
        const auto no_slots = std::span<const U256>{};
        spread(accounts.size(), 16, [&](std::size_t first, std::size_t last) {
            for (auto i = first; i < last; ++i) {
                const bool is_target = target && accounts[i].address == target->address;
                make_slot_updates(accounts[i], stored, is_target ? target->slots : no_slots);
            }
        });
        account_trie = &work.add(account_trie_prefix(), account_updates);
        for (auto& account : accounts) {
            if (account.slots.empty()) continue;
            account.trie = &work.add(storage_trie_prefix(account.hashed), account.slot_updates);
        }
        work.load();
        update_storage();
        update_accounts();
        state_root = TrieWork::root(*account_trie);
    }

    void gather(const StateChanges& changes) {
        const bool adds_target = target && !changes.accounts.contains(target->address);
        accounts.resize(changes.accounts.size() + (adds_target ? 1 : 0));
        std::size_t next = 0;
        for (const auto& [address, change] : changes.accounts) {
            accounts[next].address = address;
            accounts[next++].change = &change;
        }
        if (adds_target) accounts[next].address = target->address;
        hash_keys(accounts, [](const AccountWork& account) { return account.address; });
        base::sort_in_parallel(
            accounts, [](const AccountWork& a, const AccountWork& b) { return a.hashed < b.hashed; });
        account_updates.resize(accounts.size());
        for (std::size_t i = 0; i < accounts.size(); ++i) {
            account_updates[i].key = accounts[i].hashed;
            account_updates[i].change = LeafUpdate::Change::keep;
        }
    }

    /// New storage tries, after noting what their slots were.
    void update_storage() {
        std::vector<WorkedTrie*> tries;
        for (auto& account : accounts) {
            if (account.trie != nullptr) tries.push_back(account.trie);
        }
        spread(accounts.size(), 16, [&](std::size_t first, std::size_t last) {
            for (auto i = first; i < last; ++i)
                note_slots_before(accounts[i]);
        });
        work.apply(tries);
        work.hash();
    }

    static void note_slots_before(AccountWork& account) {
        spread(account.slots.size(), 256, [&](std::size_t first, std::size_t last) {
            for (auto& slot : std::span(account.slots).subspan(first, last - first)) {
                const auto leaf = TrieWork::find(*account.trie, slot.hashed);
                if (leaf) slot.before = decode_slot_leaf(*leaf);
                if (slot.change == LeafUpdate::Change::keep) slot.after = slot.before;
            }
        });
    }

    void update_accounts() {
        spread(accounts.size(), 64, [&](std::size_t first, std::size_t last) {
            for (auto i = first; i < last; ++i)
                make_account_update(accounts[i], account_updates[i]);
        });
        WorkedTrie* const tries[] = {account_trie};
        work.apply(tries);
        work.hash();
    }

    void make_account_update(AccountWork& account, LeafUpdate& update) const {
        const auto leaf = TrieWork::find(*account_trie, account.hashed);
        if (leaf) {
            account.before = decode_account_row(*leaf);
            VALENCE_CHECK(account.before && "a stored account cannot be read");
        }
        account.after = account.before;
        if (account.change == nullptr) return;
        if (account.removed()) {
            account.after.reset();
            update.change = LeafUpdate::Change::remove;
            return;
        }
        auto& after = account.after.emplace();
        after.account = *account.change->account;
        if (account.trie != nullptr) {
            after.storage_root = TrieWork::root(*account.trie);
        } else if (account.before && !account.clears_storage()) {
            after.storage_root = account.before->storage_root;
        }
        account.leaf = encode_account_row(after);
        update.value = account.leaf;
        update.change = LeafUpdate::Change::set;
    }

    TrieWork work;
    std::vector<AccountWork> accounts;
    std::vector<LeafUpdate> account_updates;
    WorkedTrie* account_trie = nullptr;
    Hash state_root;
    std::optional<ProofTarget> target;
};

StateUpdate::StateUpdate(const NodeSource& nodes, const StoredSlots& stored, const StateChanges& changes)
    : parts_(std::make_unique<Parts>(nodes, stored, changes, std::nullopt)) {}

StateUpdate::StateUpdate(const NodeSource& nodes, const StoredSlots& stored, const StateChanges& changes,
                         const ProofTarget& target)
    : parts_(std::make_unique<Parts>(nodes, stored, changes, target)) {}

StateUpdate::~StateUpdate() = default;

const Hash& StateUpdate::state_root() const { return parts_->state_root; }

CommitData StateUpdate::take() {
    CommitData data;
    data.state_root = parts_->state_root;
    for (const auto& account : parts_->accounts) {
        if (account.before != account.after) {
            data.accounts.push_back({account.address, account.before, account.after});
        }
        for (const auto& slot : account.slots) {
            if (slot.before != slot.after) {
                data.slots.push_back({{account.address, slot.slot}, slot.before, slot.after});
            }
        }
    }
    // In order of keys, which is how a database likes its writes.
    base::sort_in_parallel(
        data.accounts, [](const AccountWrite& a, const AccountWrite& b) { return a.address < b.address; });
    base::sort_in_parallel(data.slots, [](const SlotWrite& a, const SlotWrite& b) {
        return std::tie(a.key.address, a.key.slot) < std::tie(b.key.address, b.key.slot);
    });
    data.nodes = parts_->work.take_writes();
    return data;
}

AccountProof StateUpdate::proof() const {
    VALENCE_CHECK(parts_->target.has_value());
    const auto& target = *parts_->target;
    const auto account = std::find_if(parts_->accounts.begin(), parts_->accounts.end(),
                                      [&](const auto& a) { return a.address == target.address; });
    AccountProof proof;
    proof.address = target.address;
    proof.proof = TrieWork::prove(*parts_->account_trie, account->hashed);
    if (account->after) {
        proof.account = account->after->account;
        proof.storage_root = account->after->storage_root;
    }
    for (const auto& key : target.slots) {
        const auto slot = std::find_if(account->slots.begin(), account->slots.end(),
                                       [&](const auto& s) { return s.slot == key; });
        proof.slots.push_back({key, slot->after, TrieWork::prove(*account->trie, slot->hashed)});
    }
    return proof;
}

}  // namespace valence::state
