// DeliveryWait: the delivery at the head of the Scheduler's line, while it waits for outcomes. Nothing
// overtakes it, so there is one at a time; and it must come to an end, for everything behind it. Thread-safe.
#pragma once

#include <mutex>
#include <set>

#include "valence/chain/inference/record.hpp"
#include "valence/chain/system/system_transaction.hpp"

namespace valence::sequencer {

class DeliveryWait {
public:
    /// Blocks that a delivery waits at most.
    static constexpr std::uint64_t kLongestWait = 16;

    /// Whether it has waited long enough: what it asks for in this block is answered where the block is
    /// built.
    bool is_over(const chain::Delivery& delivery, std::uint64_t block) const;
    /// Whether it asked in an earlier block, and not for all of these: the state it sees moves on.
    bool asks_anew(const chain::Delivery& delivery, const std::vector<chain::NeededJob>& jobs,
                   std::uint64_t block) const;
    /// It waits for these from this block on.
    void wait(const chain::Delivery& delivery, const std::vector<chain::NeededJob>& jobs,
              std::uint64_t block);
    /// The delivery for which any outcome is still to come. It may have been cancelled since.
    std::optional<chain::Delivery> waiting() const;
    /// Answers whether the delivery waits no more.
    bool arrived(const outcome::JobId& job);
    /// There will be none from those who were asked; the next run asks anew.
    void given_up(const outcome::JobId& job);

private:
    struct Entry {
        chain::Delivery delivery;
        std::uint64_t since_block = 0;
        std::set<outcome::JobId> asked;
        std::set<outcome::JobId> waiting;
    };

    mutable std::mutex mutex_;  // guards what follows
    std::optional<Entry> entry_;
};

}  // namespace valence::sequencer
