// The readers a StateDatabase hands out: of the newest block, through the caches, and of earlier ones.
#pragma once

#include "valence/state/store/code_cache.hpp"
#include "valence/state/store/rows.hpp"
#include "valence/state/store/tables.hpp"

namespace valence::state {

struct ReadCaches {
    explicit ReadCaches(std::size_t bytes) : accounts(bytes / 2), slots(bytes / 2), code(bytes / 4) {}

    /// See FlatCache.
    void announce(std::uint64_t version) {
        accounts.announce(version);
        slots.announce(version);
    }
    void forget() {
        accounts.forget();
        slots.forget();
    }

    AccountCache accounts;
    SlotCache slots;
    CodeCache code;
};

/// The state at `moment`, whose version (see FlatCache) is `version`.
std::shared_ptr<const StateReader> make_reader(std::shared_ptr<const Moment>, std::shared_ptr<ReadCaches>,
                                               std::uint64_t version);

/// The state after `block`, with the history as of `moment`.
std::shared_ptr<const StateReader> make_past_reader(std::shared_ptr<const Moment>,
                                                    std::shared_ptr<ReadCaches>, std::uint64_t block);

/// The slots of an account that are not 0, at a moment or, when it is null, now.
std::vector<U256> stored_slots(const Tables&, const Address&, const Moment*);

}  // namespace valence::state
