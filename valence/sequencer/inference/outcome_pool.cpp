#include "valence/sequencer/inference/outcome_pool.hpp"

namespace valence::sequencer {
namespace {

std::size_t weight_of(const outcome::Settled& settled) {
    return 512 + 4 * (settled.job.input.size() + settled.outcome.output.size());
}

}  // namespace

void OutcomePool::add(const outcome::JobId& id, outcome::Settled settled) {
    auto shared = std::make_shared<const outcome::Settled>(std::move(settled));
    const std::lock_guard guard(mutex_);
    if (!outcomes_.emplace(id, shared).second) return;
    order_.push_back(id);
    bytes_ += weight_of(*shared);
    while (bytes_ > kMostBytes && order_.size() > 1) {
        const auto oldest = outcomes_.find(order_.front());
        bytes_ -= weight_of(*oldest->second);
        outcomes_.erase(oldest);
        order_.pop_front();
    }
}

SharedOutcome OutcomePool::find(const outcome::JobId& id) const {
    const std::lock_guard guard(mutex_);
    const auto found = outcomes_.find(id);
    return found == outcomes_.end() ? nullptr : found->second;
}

}  // namespace valence::sequencer
