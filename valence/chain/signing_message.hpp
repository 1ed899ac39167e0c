// What the sender of a transaction signs, before it is hashed: whoever checks many signatures hashes many at
// once.
#pragma once

#include "valence/chain/transaction.hpp"

namespace valence::chain {

/// signing_hash is its keccak256.
Bytes signing_message(const Transaction& transaction);

}  // namespace valence::chain
