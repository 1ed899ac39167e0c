// Dumps of a whole state as anvil writes and reads them: gzip around
//
//     {"block": {number, beneficiary, timestamp, gas_limit, basefee, difficulty, prevrandao,
//                blob_excess_gas_and_price}, "best_block_number": N,
//      "accounts": {address: {"nonce": N, "balance": quantity, "code": data, "storage": {slot: word}}},
//      "blocks": […], "transactions": […], "historical_states": …}
//
// `blocks` of ours holds the head alone, without its transactions: what anvil needs to go on from it.
#pragma once

#include "valence/rpc/deadline.hpp"
#include "valence/rpc/parameters/decode.hpp"
#include "valence/sequencer/stored_block.hpp"
#include "valence/state/changes.hpp"
#include "valence/state/state_walk.hpp"

namespace valence::rpc {

/// The most bytes of a dump before packing, written or read.
inline constexpr std::size_t kMostDumpBytes = std::size_t{64} << 20;

/// The state after `head` as a dump, packed. Errors: larger than kMostDumpBytes, and no time left.
Answer<Bytes> write_state_dump(const state::StateWalk& walk, const sequencer::StoredBlock& head,
                               const Deadline& deadline);

/// The accounts of a dump, packed or not; the rest of it is not looked at.
Decoded<state::StateChanges> read_state_dump(BytesView dump);

}  // namespace valence::rpc
