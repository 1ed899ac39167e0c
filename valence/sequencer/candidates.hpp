// Candidates: the pool's pending transactions in the order a block builder should try them: highest effective
// tip first, the earlier arrived of two with the same; one sender's always by nonce. A snapshot: the pool may
// go on changing.
#pragma once

#include <cstdint>
#include <vector>

#include "valence/sequencer/pool_transaction.hpp"

namespace valence::sequencer {

struct Candidate {
    PooledTransaction transaction;
    /// Wei per gas for the coinbase at the block's base fee.
    U256 tip;
    /// Place in the pool's order of arrival; unique.
    std::uint64_t arrival = 0;
};

class Candidates {
public:
    /// One list for each sender, by nonce, none empty.
    explicit Candidates(std::vector<std::vector<Candidate>> by_sender);

    /// Whether there is none left.
    bool empty() const { return heap_.empty() && !(last_open_ && has_more(last_)); }
    /// At most as many are left.
    std::size_t size() const;
    /// The best that is left; null when none is.
    PooledTransaction next();
    /// Leaves out the rest of the sender of the last one: it failed, so those behind it cannot follow.
    void skip_sender();

private:
    struct Queue {
        std::vector<Candidate> candidates;
        std::size_t place = 0;
    };
    /// Whether the first should come after the second, as heap algorithms want it.
    bool comes_after(std::size_t a, std::size_t b) const;
    bool has_more(std::size_t queue) const { return queues_[queue].place < queues_[queue].candidates.size(); }
    void put_back(std::size_t queue);

    std::vector<Queue> queues_;
    /// Indices into `queues_`, the best on top.
    std::vector<std::size_t> heap_;
    std::size_t last_ = 0;
    /// Whether the last one's queue is to be put back before the next choice.
    bool last_open_ = false;
};

}  // namespace valence::sequencer
