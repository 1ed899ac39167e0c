// TurnedAway: senders whose transactions were run in vain. They asked for outcomes and could not be bound
// (too cheap, no room among those that wait, a model's file is missing), or would have taken what a bound
// sender owes. Such a run costs its sender nothing, so the next ones of the same sender come ever more
// rarely: of the same transaction, and of those in its place. Thread-safe.
#pragma once

#include <mutex>

#include <boost/unordered/unordered_flat_map.hpp>

#include "valence/sequencer/pool_transaction.hpp"

namespace valence::sequencer {

/// Why a run came to nothing.
enum class InVain : std::uint8_t {
    /// It offers too little to be bound.
    too_cheap,
    /// Whatever it offers.
    not_now,
};

/// Whether a transaction offers enough to be bound.
enum class Offer : std::uint8_t { too_little, enough };

class TurnedAway {
public:
    /// Runs with no more gas than this are too short to be worth counting.
    static constexpr std::uint64_t kLittleGas = 1 << 17;

    /// It was run in vain for the block with this number.
    void add(const PoolTransaction& transaction, InVain why, std::uint64_t block);
    /// Whether it is not to be run for this block: it was itself run in vain, or takes the place of one that
    /// was, without offering more or asking for little.
    bool is_resting(const PoolTransaction& transaction, Offer offer, std::uint64_t block) const;
    /// Whether it was run in vain before.
    bool is_known(const PoolTransaction& transaction) const;
    /// Whether it rests as long as any does.
    bool is_worn_out(const PoolTransaction& transaction) const;
    /// It is bound, or in a block, and pays. What came in its place instead does not count.
    void forget(const Address& sender, const Hash& transaction);
    /// Forgets senders of whom nothing was run for long.
    void forget_idle(std::uint64_t head);

private:
    /// More senders than a pool holds.
    static constexpr std::size_t kMost = std::size_t{1} << 18;
    /// Blocks that a transaction rests at most.
    static constexpr std::uint64_t kLongestRest = 64;

    struct Entry {
        Hash transaction;
        InVain why = InVain::not_now;
        std::uint64_t next_block = 0;
        std::uint64_t rest = 1;
    };

    /// That of the transaction's sender, if it is about the transaction itself. Under the mutex.
    const Entry* find(const PoolTransaction& transaction) const;

    mutable std::mutex mutex_;  // guards entries_
    boost::unordered_flat_map<Address, Entry, std::hash<Address>> entries_;
};

}  // namespace valence::sequencer
