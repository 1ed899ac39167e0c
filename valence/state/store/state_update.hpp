// StateUpdate: from changes of a state to the rows they change and the new root, or to proofs in the state
// they lead to.
#pragma once

#include "valence/state/state_database.hpp"
#include "valence/state/store/rows.hpp"
#include "valence/state/trie/trie_work.hpp"

namespace valence::state {

struct AccountWrite {
    Address address;
    /// Nothing when there is no such account.
    std::optional<StoredAccount> before;
    std::optional<StoredAccount> after;
};

struct SlotWrite {
    SlotKey key;
    U256 before;
    U256 after;
};

/// All that a commit writes to the tables of the state.
struct CommitData {
    /// Unlike every other prepared state's.
    std::uint64_t id = 0;
    /// The prepared state this one was made from.
    std::uint64_t parent_id = 0;
    Hash state_root;
    std::vector<AccountWrite> accounts;
    std::vector<SlotWrite> slots;
    std::vector<std::pair<Hash, SharedCode>> code;
    std::vector<NodeWrite> nodes;
    /// Until this one is committed, what it builds on.
    mutable std::shared_ptr<const CommitData> parent;
};

/// The slots that are not 0 of an account in the state before the update.
using StoredSlots = std::function<std::vector<U256>(const Address&)>;

struct ProofTarget {
    Address address;
    std::span<const U256> slots;
};

class StateUpdate {
public:
    StateUpdate(const NodeSource&, const StoredSlots&, const StateChanges&);
    /// Also loads what the proof needs.
    StateUpdate(const NodeSource&, const StoredSlots&, const StateChanges&, const ProofTarget&);
    ~StateUpdate();

    const Hash& state_root() const;
    /// The rows that change: accounts, slots and trie nodes, those that stay the same left out.
    CommitData take();
    /// Of the target, in the state after the changes.
    AccountProof proof() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace valence::state
