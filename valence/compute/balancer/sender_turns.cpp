#include "valence/compute/balancer/sender_turns.hpp"

namespace valence::compute {

Duration SenderTurns::tag(const Address& sender, Duration cost) {
    if (finish_.size() >= forget_at_) forget_the_idle();
    Duration& finish = finish_[sender];
    const Duration start = std::max(now_, finish);
    finish = start + cost;
    return start;
}

void SenderTurns::forget_the_idle() {
    // Whoever's finish is not ahead of virtual time would start at virtual time, known or not.
    std::erase_if(finish_, [this](const auto& entry) { return entry.second <= now_; });
    forget_at_ = std::max<std::size_t>(4096, 2 * finish_.size());
}

}  // namespace valence::compute
