#include "valence/compute/balancer/circuit_breaker.hpp"

namespace valence::compute {

void CircuitBreaker::dispatched(Time now) {
    if (state_ == State::open && now >= reopens_) state_ = State::probing;
}

void CircuitBreaker::succeeded() {
    // An answer to a job from before it opened proves nothing about now.
    if (state_ == State::open) return;
    state_ = State::closed;
    weight_ = 0;
    pause_ = Duration(0);
}

void CircuitBreaker::failed(FailureKind kind, Time now, const BalancerParameters& parameters) {
    const FailureFacts& facts = compute::facts(kind);
    if (state_ == State::open) return;
    if (state_ == State::closed) {
        weight_ += facts.weight;
        if (weight_ < parameters.breaker_limit) return;
        pause_ = parameters.breaker_pause * facts.pause;
    } else {
        pause_ = std::max(pause_ * 2, parameters.breaker_pause * facts.pause);
    }
    pause_ = std::min(pause_, parameters.breaker_longest_pause);
    reopens_ = now + pause_;
    state_ = State::open;
}

void CircuitBreaker::probe_withdrawn() {
    if (state_ == State::probing) state_ = State::open;
}

}  // namespace valence::compute
