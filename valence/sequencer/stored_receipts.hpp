// The form in which a block's receipts lie in the store: RLP of what cannot be derived, so without the
// blooms.
#pragma once

#include <span>
#include <vector>

#include "valence/sequencer/stored_block.hpp"

namespace valence::sequencer {

/// What the store keeps of an executed block beside the block itself.
struct StoredReceipts {
    U256 total_difficulty;
    std::vector<Address> senders;
    std::vector<chain::Receipt> receipts;
};

/// [total difficulty, [sender …], [[type, status or post state, cumulative gas, [[address, [topic …], data]
/// …], a system transaction's nonce] …]]
Bytes encode_stored_receipts(const StoredBlock& block);
Result<StoredReceipts> decode_stored_receipts(BytesView bytes);

}  // namespace valence::sequencer
