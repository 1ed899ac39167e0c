// What the Scheduler contract keeps in its storage, as far as the sequencer asks: no rule depends on it.
#pragma once

#include "valence/chain/genesis_contracts.hpp"

namespace valence::chain {

/// Slot 0 of the Scheduler: head, tail, newest id, number of requests in line, 64 bits each, lowest first.
std::uint64_t requests_in_line(const U256& first_word);

struct WaitingRequest {
    Address requester;
    /// The last block in which it may be answered.
    std::uint64_t deadline = 0;
};

/// Where the first word of a request lies: keccak256(id ‖ 1), as Solidity lays mappings out; that of a
/// schedule, whose lowest 160 bits are its owner: keccak256(id ‖ 2).
U256 request_slot(const U256& id);
U256 schedule_slot(const U256& id);
/// From that word; nothing when there is no such request: the id is a schedule's.
std::optional<WaitingRequest> decode_request(const U256& word);

}  // namespace valence::chain
