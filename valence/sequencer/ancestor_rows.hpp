// Headers of blocks that this node does not have: what a chain that began with a snapshot knows of what came
// before.
#pragma once

#include "valence/chain/block.hpp"
#include "valence/state/key_value_store.hpp"

namespace valence::sequencer {

/// Makes BlockStore know the hash and the header of a canonical block, and no more of it.
state::KeyValueBatch ancestor_rows(const chain::Header& header, const Hash& hash);

}  // namespace valence::sequencer
