// Whether a block that was posted is the one on the chain, with all that belongs to it. Its hash is the
// header's: whoever signs batches can post a header that is right with transactions or outcomes that are not.
#pragma once

#include "valence/chain/supplement.hpp"
#include "valence/sequencer/stored_block.hpp"

namespace valence::node {

inline bool is_same_block(const sequencer::StoredBlock& known, const chain::Block& posted,
                          const chain::Supplement& supplement) {
    return known.block == posted && known.outcomes == supplement.outcomes &&
           known.beacon == supplement.beacon;
}

}  // namespace valence::node
