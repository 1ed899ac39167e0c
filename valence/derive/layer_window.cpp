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
    for (const auto blob : forced) {
        auto opened = open_forced(blob, rules_, header.time);
        if (!opened) continue;
        const auto& [transaction, gas, bytes] = opened.value();
        const auto asked = header.height + layer().forced_delay;
        const bool is_later = asked > last_due_;
        auto due = is_later ? asked : last_due_;
        const bool fits =
            is_later || (last_gas_ + gas <= layer().forced_gas && last_bytes_ + bytes <= kMostBytes);
        if (!fits) ++due;
        // Too many wait already. A smaller one behind it may still find room.
        if (due - asked > kMostDelay) continue;
        if (due > last_due_) last_gas_ = last_bytes_ = 0;
        last_due_ = due;
        last_gas_ += gas;
        last_bytes_ += bytes;
        taken.push_back(transaction);
        entries_.push_back({std::move(opened).value().forced, due, gas, bytes});
    }
    return taken;
}

const chain::DaHeader* LayerWindow::header(std::uint64_t height) const {
    if (height < headers_.front().height || height > newest()) return nullptr;
    return &headers_[height - headers_.front().height];
}

std::vector<chain::ForcedTransaction> LayerWindow::due(std::uint64_t above, std::uint64_t up_to) const {
    std::vector<chain::ForcedTransaction> out;
    for (auto entry = std::ranges::upper_bound(entries_, above, {}, &Entry::due);
         entry != entries_.end() && entry->due <= up_to; ++entry)
        out.push_back(entry->forced);
    return out;
}

std::uint64_t LayerWindow::furthest(std::uint64_t above, std::uint64_t up_to) const {
    std::uint64_t gas = 0;
    std::size_t bytes = 0;
    for (auto entry = std::ranges::upper_bound(entries_, above, {}, &Entry::due);
         entry != entries_.end() && entry->due <= up_to; ++entry) {
        gas += entry->gas;
        bytes += entry->bytes;
        if (gas > layer().forced_gas || bytes > kMostBytes) return entry->due - 1;
    }
    return up_to;
}

void LayerWindow::forget_below(std::uint64_t height) {
    while (headers_.size() > 1 && headers_.front().height < height)
        headers_.pop_front();
    while (!entries_.empty() && entries_.front().due < height)
        entries_.pop_front();
}

}  // namespace valence::derive
