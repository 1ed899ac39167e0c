// OutcomePool: verified outcomes that wait for the transactions that asked for them. Thread-safe, bounded.
#pragma once

#include <deque>
#include <memory>
#include <mutex>

#include <boost/unordered/unordered_flat_map.hpp>

#include "valence/chain/inference/record.hpp"
#include "valence/outcome/settled.hpp"

namespace valence::sequencer {

using SharedOutcome = std::shared_ptr<const outcome::Settled>;

class OutcomePool {
public:
    /// That there is no answer is so for this many blocks: later somebody may have one.
    static constexpr std::uint64_t kBlocksWithoutAnswer = 16;

    /// Only what outcome::verify() believes, for the block with this number. The first of a job stays, unless
    /// it can be used for less long; the oldest jobs give way.
    void add(const outcome::JobId& id, outcome::Settled settled, std::uint64_t block);
    /// Null when it is not here.
    SharedOutcome find(const outcome::JobId& id) const;
    /// The same, unless a block with this number may use it no more.
    SharedOutcome find(const outcome::JobId& id, std::uint64_t block) const;

private:
    /// Bytes of integers and proofs kept.
    static constexpr std::size_t kMostBytes = std::size_t{64} << 20;

    struct Entry {
        SharedOutcome outcome;
        /// That may use it.
        std::uint64_t last_block = 0;
    };

    mutable std::mutex mutex_;  // guards what follows
    boost::unordered_flat_map<outcome::JobId, Entry, std::hash<outcome::JobId>> outcomes_;
    std::deque<outcome::JobId> order_;
    std::size_t bytes_ = 0;
};

}  // namespace valence::sequencer
