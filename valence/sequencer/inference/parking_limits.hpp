// ParkingLimits: how many transactions may wait for outcomes.
#pragma once

#include <cstddef>

namespace valence::sequencer {

struct ParkingLimits {
    /// Transactions, of everybody and of one sender.
    std::size_t total = 4'096;
    std::size_t per_sender = 1;
    /// Of delegated senders: those are the ones that a bound transaction which goes first may leave unpaid.
    std::size_t delegated = 64;
    /// How often a transaction may come back asking for more; from then on what it asks for is computed where
    /// the block is built, so that it comes to an end.
    unsigned asks = 16;
};

}  // namespace valence::sequencer
