// Circuit breaker: keeps jobs from a node that fails, and finds out, one job at a time, when it has recovered
// (Nygard, "Release It!").
#pragma once

#include "valence/compute/balancer/balancer_parameters.hpp"
#include "valence/compute/balancer/node_report.hpp"

namespace valence::compute {

class CircuitBreaker {
public:
    enum class State : std::uint8_t { closed, open, probing };

    /// Whether the node may get a job: always while closed; one probe once the pause is over.
    bool admits(Time now) const {
        return state_ == State::closed || (state_ == State::open && now >= reopens_);
    }
    /// To be called for each job that goes there.
    void dispatched(Time now);
    void succeeded();
    /// Opens at the limit; a failed probe doubles the pause.
    void failed(FailureKind kind, Time now, const BalancerParameters& parameters);
    /// A probe ended without saying anything of the node, such as by being cancelled.
    void probe_withdrawn();

    State state() const { return state_; }
    Time reopens() const { return reopens_; }

private:
    State state_ = State::closed;
    std::uint32_t weight_ = 0;
    Duration pause_{0};
    Time reopens_;
};

}  // namespace valence::compute
