// ParkingLimits: how many transactions may wait for outcomes.
#pragma once

#include <cstddef>
#include <cstdint>

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
    /// For so many blocks no delegated sender is bound, after a delivery has taken what one owed: deliveries
    /// cannot be put off, and whoever makes them may have come to take.
    std::uint64_t wary_blocks = 1'024;
};

}  // namespace valence::sequencer
