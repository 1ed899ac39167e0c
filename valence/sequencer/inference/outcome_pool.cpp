#include "valence/sequencer/inference/outcome_pool.hpp"

namespace valence::sequencer {
namespace {

std::size_t weight_of(const outcome::Settled& settled) {
    return 512 + 4 * (settled.job.input.size() + settled.outcome.output.size()) +
           outcome::proof_bytes(settled.outcome);
}

/// The last block that may use it.
std::uint64_t last_block(const outcome::Settled& settled) {
    const auto* evidence = std::get_if<outcome::SignedEvidence>(&settled.outcome.evidence);
    return evidence == nullptr ? ~std::uint64_t{0} : evidence->expiry_block;
}

}  // namespace

void OutcomePool::add(const outcome::JobId& id, outcome::Settled settled) {
    auto shared = std::make_shared<const outcome::Settled>(std::move(settled));
    const std::lock_guard guard(mutex_);
    const auto [place, is_new] = outcomes_.emplace(id, shared);
    if (!is_new) {
        if (last_block(*place->second) >= last_block(*shared)) return;
        bytes_ -= weight_of(*place->second);
        place->second = shared;
    } else {
        order_.push_back(id);
    }
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

SharedOutcome OutcomePool::find(const outcome::JobId& id, std::uint64_t block) const {
    auto found = find(id);
    return found == nullptr || last_block(*found) < block ? nullptr : found;
}

}  // namespace valence::sequencer
