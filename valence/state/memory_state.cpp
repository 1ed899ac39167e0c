#include "valence/state/memory_state.hpp"

namespace valence::state {

std::optional<Account> MemoryState::account(const Address& address) const {
    const auto found = accounts_.find(address);
    if (found == accounts_.end()) return std::nullopt;
    return found->second.account;
}

U256 MemoryState::storage(const Address& address, const U256& key) const {
    const auto found = accounts_.find(address);
    if (found == accounts_.end()) return {};
    const auto slot = found->second.storage.find(key);
    return slot == found->second.storage.end() ? U256{} : slot->second;
}

SharedCode MemoryState::code(const Hash& hash) const {
    static const auto kNoCode = std::make_shared<const Bytes>();
    if (hash == kEmptyCodeHash) return kNoCode;
    const auto found = code_.find(hash);
    return found == code_.end() ? nullptr : found->second;
}

bool MemoryState::has_storage(const Address& address) const {
    const auto found = accounts_.find(address);
    return found != accounts_.end() && !found->second.storage.empty();
}

void MemoryState::apply(const StateChanges& changes) {
    for (const auto& [hash, code] : changes.code)
        code_.try_emplace(hash, code);
    for (const auto& [address, change] : changes.accounts) {
        if (!change.account) {
            accounts_.erase(address);
            continue;
        }
        auto& full = accounts_[address];
        full.account = *change.account;
        if (change.storage_cleared) full.storage.clear();
        for (const auto& [slot, value] : change.storage) {
            if (value.is_zero()) {
                full.storage.erase(slot);
            } else {
                full.storage[slot] = value;
            }
        }
    }
}

}  // namespace valence::state
