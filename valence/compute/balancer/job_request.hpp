// What the balancer needs to know of a job.
#pragma once

#include <vector>

#include "valence/compute/balancer/timeline.hpp"
#include "valence/compute/ids.hpp"

namespace valence::compute {

struct JobRequest {
    JobId job;
    ModelId model;
    outcome::Mode mode = outcome::Mode::operator_signed;
    /// Who pays; fairness is between senders.
    Address sender;
    std::uint64_t model_bytes = 0;
    /// How long the reference machine takes, as far as the model's cost tells; measurements replace it.
    Duration reference_service{0};
    /// No answer is worth anything after it.
    Time deadline = Time::max();
    /// Gwei that the node must have at stake.
    std::uint64_t stake = 0;
    /// Where only these may do it: the operator whom a SIGNED job names, or whom the beacon drew. Empty:
    /// anyone.
    std::vector<NodeId> drawn;
};

}  // namespace valence::compute
