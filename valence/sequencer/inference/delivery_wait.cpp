#include "valence/sequencer/inference/delivery_wait.hpp"

namespace valence::sequencer {

bool DeliveryWait::is_over(const chain::Delivery& delivery, std::uint64_t block) const {
    const std::lock_guard guard(mutex_);
    return entry_ && entry_->delivery == delivery && block >= entry_->since_block + kLongestWait;
}

bool DeliveryWait::asks_anew(const chain::Delivery& delivery, const std::vector<chain::NeededJob>& jobs,
                             std::uint64_t block) const {
    const std::lock_guard guard(mutex_);
    // Runs for one block, as trials are, see one state.
    if (!entry_ || entry_->delivery != delivery || entry_->since_block == block) return false;
    return std::ranges::any_of(jobs, [&](const auto& job) { return !entry_->asked.contains(job.id); });
}

void DeliveryWait::wait(const chain::Delivery& delivery, const std::vector<chain::NeededJob>& jobs,
                        std::uint64_t block) {
    const std::lock_guard guard(mutex_);
    // Blocks that were undone come again.
    if (!entry_ || entry_->delivery != delivery || block < entry_->since_block)
        entry_ = Entry{delivery, block, {}, {}};
    for (const auto& job : jobs) {
        entry_->waiting.insert(job.id);
        entry_->asked.insert(job.id);
    }
}

std::optional<chain::Delivery> DeliveryWait::waiting() const {
    const std::lock_guard guard(mutex_);
    if (!entry_ || entry_->waiting.empty()) return std::nullopt;
    return entry_->delivery;
}

bool DeliveryWait::arrived(const outcome::JobId& job) {
    const std::lock_guard guard(mutex_);
    return entry_ && entry_->waiting.erase(job) != 0 && entry_->waiting.empty();
}

void DeliveryWait::given_up(const outcome::JobId& job) {
    const std::lock_guard guard(mutex_);
    if (entry_) entry_->waiting.erase(job);
}

}  // namespace valence::sequencer
