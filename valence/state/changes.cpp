#include "valence/state/changes.hpp"

namespace valence::state {

void add_changes(StateChanges& to, const StateChanges& later) {
    for (const auto& [address, change] : later.accounts) {
        auto& sum = to.accounts[address];
        sum.account = change.account;
        if (change.storage_cleared) {
            sum.storage_cleared = true;
            sum.storage = change.storage;
        } else {
            for (const auto& [key, value] : change.storage)
                sum.storage[key] = value;
        }
    }
    for (const auto& [hash, code] : later.code)
        to.code.emplace(hash, code);
}

}  // namespace valence::state
