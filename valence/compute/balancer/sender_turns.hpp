// Whose turn it is: start-time fair queueing between senders (Goyal, Vin, Cheng, SIGCOMM 1996). A job's tag
// is the virtual time at which it would begin if every sender had an equal share; the least tag goes first. A
// sender who floods pushes only its own tags ahead.
#pragma once

#include <unordered_map>

#include "valence/base/base.hpp"
#include "valence/compute/balancer/timeline.hpp"

namespace valence::compute {

class SenderTurns {
public:
    /// The tag of the sender's next job, which will cost that much service. Charged at once.
    Duration tag(const Address& sender, Duration cost);
    /// The job with this tag goes now: virtual time follows.
    void served(Duration tag) { now_ = std::max(now_, tag); }
    /// Senders that are ahead of virtual time, at most.
    std::size_t remembered() const { return finish_.size(); }

private:
    void forget_the_idle();

    Duration now_{0};
    std::unordered_map<Address, Duration> finish_;
    std::size_t forget_at_ = 4096;
};

}  // namespace valence::compute
