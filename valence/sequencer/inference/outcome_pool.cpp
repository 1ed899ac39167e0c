#include "valence/sequencer/inference/outcome_pool.hpp"

namespace valence::sequencer {
namespace {

std::size_t weight_of(const outcome::Settled& settled) {
    return 512 + 4 * (settled.job.input.size() + settled.outcome.output.size()) +
           outcome::proof_bytes(settled.outcome);
}

/// The last block that may use what came for this one.
std::uint64_t last_block(const outcome::Settled& settled, std::uint64_t block) {
    if (!settled.outcome.is_available()) return block + OutcomePool::kBlocksWithoutAnswer;
    const auto* evidence = std::get_if<outcome::SignedEvidence>(&settled.outcome.evidence);
    return evidence == nullptr ? ~std::uint64_t{0} : evidence->expiry_block;
}

}  // namespace

void OutcomePool::add(const outcome::JobId& id, outcome::Settled settled, std::uint64_t block) {
    const auto last = last_block(settled, block);
    const Entry entry{std::make_shared<const outcome::Settled>(std::move(settled)), last};
    const std::lock_guard guard(mutex_);
    const auto [place, is_new] = outcomes_.emplace(id, entry);
    auto& held = place->second;
    if (!is_new) {
        if (held.last_block >= entry.last_block) return;
        bytes_ -= weight_of(*held.outcome);
        held = entry;
    } else {
        order_.push_back(id);
    }
    bytes_ += weight_of(*entry.outcome);
    while (bytes_ > kMostBytes && order_.size() > 1) {
        const auto oldest = outcomes_.find(order_.front());
        bytes_ -= weight_of(*oldest->second.outcome);
        outcomes_.erase(oldest);
        order_.pop_front();
    }
}

SharedOutcome OutcomePool::find(const outcome::JobId& id) const {
    const std::lock_guard guard(mutex_);
    const auto found = outcomes_.find(id);
    return found == outcomes_.end() ? nullptr : found->second.outcome;
}

SharedOutcome OutcomePool::find(const outcome::JobId& id, std::uint64_t block) const {
    const std::lock_guard guard(mutex_);
    const auto found = outcomes_.find(id);
    return found == outcomes_.end() || found->second.last_block < block ? nullptr : found->second.outcome;
}

}  // namespace valence::sequencer
