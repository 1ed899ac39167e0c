// StateChanges: what a block (or a transaction) did to the state, as a value: made by JournaledState, applied
// by StateDatabase, which also makes the root of it. Ordered, so that everything derived from it is
// deterministic.
#pragma once

#include <map>
#include <optional>

#include "valence/state/reader.hpp"

namespace valence::state {

struct AccountChange {
    /// The account afterwards; nothing if it no longer exists.
    std::optional<Account> account;
    /// All slots held before are gone (destroyed, or destroyed and made anew); `storage` then holds the new
    /// ones.
    bool storage_cleared = false;
    /// Slots written, with their value afterwards; 0 deletes.
    std::map<U256, U256> storage;
};

struct StateChanges {
    std::map<Address, AccountChange> accounts;
    /// Code that may be new to the state, by its hash.
    std::map<Hash, SharedCode> code;
};

/// Makes `to` what both do, one after the other.
void add_changes(StateChanges& to, const StateChanges& later);

}  // namespace valence::state
