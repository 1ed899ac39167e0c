#include "valence/derive/layer_window.hpp"

namespace valence::derive {

LayerWindow::LayerWindow(const chain::RuleSet& rules) : rules_(rules) {
    VALENCE_CHECK(rules_.system && rules_.system->layer);
    headers_.push_back(layer().start);
}

std::vector<chain::ForcedTransaction> LayerWindow::take(const chain::DaHeader& header,
                                                        std::span<const BytesView> forced) {
    VALENCE_CHECK(header.height == newest() + 1);
    headers_.push_back(header);
    std::vector<chain::ForcedTransaction> taken;
    const auto asked = header.height + layer().forced_delay;
    for (const auto blob : forced) {
        // Nothing more has room: recovering who signed it would be in vain.
        if (last_due_ >= asked + kMostDelay && last_count_ >= kMostCount) break;
        auto opened = open_forced(blob, rules_, header.time);
        if (!opened) continue;
        auto& [forced_here, bytes] = opened.value();
        const bool is_later = asked > last_due_;
        auto due = is_later ? asked : last_due_;
        const bool fits = is_later || (last_count_ < kMostCount && last_bytes_ + bytes <= kMostBytes);
        if (!fits) ++due;
        // Too many wait already. A smaller one behind it may still find room.
        if (due - asked > kMostDelay) continue;
        if (due > last_due_) last_count_ = last_bytes_ = 0;
        last_due_ = due;
        ++last_count_;
        last_bytes_ += bytes;
        forced_here.due = due;
        taken.push_back(forced_here);
        entries_.push_back(std::move(forced_here));
    }
    return taken;
}

const chain::DaHeader* LayerWindow::header(std::uint64_t height) const {
    if (height < headers_.front().height || height > newest()) return nullptr;
    return &headers_[height - headers_.front().height];
}

std::vector<chain::ForcedTransaction> LayerWindow::due(std::uint64_t from, std::uint64_t up_to) const {
    const auto first = std::ranges::lower_bound(entries_, from, {}, &chain::ForcedTransaction::due);
    const auto last = std::ranges::upper_bound(entries_, up_to, {}, &chain::ForcedTransaction::due);
    return {first, std::max(first, last)};
}

void LayerWindow::forget_below(std::uint64_t height) {
    while (headers_.size() > 1 && headers_.front().height < height)
        headers_.pop_front();
    while (!entries_.empty() && entries_.front().due < height)
        entries_.pop_front();
}

}  // namespace valence::derive
