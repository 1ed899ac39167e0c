#include "valence/sequencer/layered_state.hpp"

namespace valence::sequencer {

const state::AccountChange* LayeredState::change_of(const Address& address) const {
    const auto found = changes_.accounts.find(address);
    return found == changes_.accounts.end() ? nullptr : &found->second;
}

std::optional<state::Account> LayeredState::account(const Address& address) const {
    const auto* change = change_of(address);
    return change != nullptr ? change->account : base_->account(address);
}

U256 LayeredState::storage(const Address& address, const U256& key) const {
    if (const auto* change = change_of(address)) {
        const auto slot = change->storage.find(key);
        if (slot != change->storage.end()) return slot->second;
        if (change->storage_cleared || !change->account) return {};
    }
    return base_->storage(address, key);
}

state::SharedCode LayeredState::code(const Hash& hash) const {
    const auto found = changes_.code.find(hash);
    return found != changes_.code.end() ? found->second : base_->code(hash);
}

bool LayeredState::has_storage(const Address& address) const {
    if (const auto* change = change_of(address)) {
        for (const auto& [key, value] : change->storage) {
            if (!value.is_zero()) return true;
        }
        if (change->storage_cleared || !change->account) return false;
    }
    // Slots that the changes set to zero may have been the only ones; then this answers true all the same. It
    // only matters for the address of a new contract (EIP-7610), which cannot have had its slots cleared one
    // by one.
    return base_->has_storage(address);
}

void append_changes(state::StateChanges& changes, const state::StateChanges& later) {
    for (const auto& [address, change] : later.accounts) {
        auto& into = changes.accounts[address];
        into.account = change.account;
        if (change.storage_cleared) {
            into.storage_cleared = true;
            into.storage = change.storage;
        } else {
            for (const auto& [key, value] : change.storage)
                into.storage[key] = value;
        }
    }
    for (const auto& [hash, code] : later.code)
        changes.code.emplace(hash, code);
}

}  // namespace valence::sequencer
