// ParkedJournal: parked transactions on disk, so that work that was caused is still paid for after a restart.
// It holds their bytes only: a node that starts takes them into its pool again, where they ask anew.
#pragma once

#include <vector>

#include "valence/sequencer/inference/parking.hpp"
#include "valence/state/key_value_store.hpp"

namespace valence::sequencer {

/// One table of the chain's store: `p`, hash → canonical encoding. On the chain's thread.
class ParkedJournal {
public:
    explicit ParkedJournal(state::KeyValueStore& store) : store_(store) {}

    /// Writes what changed; fails with StateError::io.
    Result<void> write(const std::vector<Parking::Change>& changes);

    /// What was parked when the store was last written, in order of sender and nonce; entries that cannot be
    /// read are left out.
    std::vector<PoolTransaction> read() const;

private:
    state::KeyValueStore& store_;
};

}  // namespace valence::sequencer
