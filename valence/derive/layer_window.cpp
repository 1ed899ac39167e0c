#include "valence/derive/layer_window.hpp"

#include "valence/crypto/keccak.hpp"

namespace valence::derive {
namespace {

/// Of a window whose constants would leave next to nothing.
constexpr std::uint64_t kLeastRoom = 1'024;

std::uint64_t weight_of(std::uint64_t blob_bytes) { return blob_bytes + LayerWindow::kOverhead; }

/// The blob of a transaction of this chain, as long as it is.
std::uint64_t weight_of(const chain::Transaction& transaction) {
    return weight_of(encode_forced(0, chain::encode_transaction(transaction)).size());
}

/// By which the blobs of a height are drawn: the lowest first.
Hash lot_of(const Hash& seed, std::uint64_t place) {
    std::array<std::uint8_t, 8> number{};
    for (std::size_t i = 0; i < number.size(); ++i)
        number[i] = static_cast<std::uint8_t>(place >> (56 - 8 * i));
    crypto::Keccak256 hash;
    hash.update(seed);
    hash.update(number);
    return hash.finish();
}

}  // namespace

LayerWindow::LayerWindow(const chain::RuleSet& rules) : rules_(rules) {
    VALENCE_CHECK(rules_.system && rules_.system->layer);
    headers_.push_back(layer().start);
}

std::uint64_t LayerWindow::room_of_a_height() const {
    // So long one may be held: until it is due, and as far behind as a reference may be.
    const auto delay = layer().forced_delay;
    const auto heights = delay + std::min(layer().sequencing_window, ~delay);
    return std::clamp(kMostHeld / std::max(heights, std::uint64_t{1}), kLeastRoom, kMostBurst);
}

std::vector<std::size_t> LayerWindow::draw(const Hash& seed, std::span<const BytesView> forced) {
    std::vector<std::pair<Hash, std::size_t>> lots;
    for (std::size_t i = 0; i < forced.size(); ++i)
        if (may_be_forced(forced[i], rules_.chain_id)) lots.emplace_back(lot_of(seed, i), i);
    std::ranges::sort(lots);
    std::vector<std::size_t> drawn;
    auto held = held_;
    for (const auto& [lot, place] : lots) {
        const auto weight = weight_of(forced[place].size());
        if (taken_ >= kMostBurst || held + weight > kMostHeld) break;
        taken_ += weight;
        held += weight;
        drawn.push_back(place);
    }
    std::ranges::sort(drawn);
    return drawn;
}

std::vector<chain::ForcedTransaction> LayerWindow::take(const chain::DaHeader& header,
                                                        std::span<const BytesView> forced) {
    taken_ -= std::min(taken_, room_of_a_height());
    std::vector<chain::ForcedTransaction> taken;
    // Whether one can be in a block is found out of those drawn only, so that this takes no longer either.
    for (const auto place : draw(header.hash, forced)) {
        auto opened = open_forced(forced[place], rules_, header.time);
        if (!opened) continue;
        opened.value().due = header.height + layer().forced_delay;
        taken.push_back(std::move(opened).value());
    }
    follow(header, taken);
    return taken;
}

void LayerWindow::follow(const chain::DaHeader& header, std::span<const chain::ForcedTransaction> taken) {
    VALENCE_CHECK(header.height == newest() + 1);
    headers_.push_back(header);
    for (const auto& forced : taken)
        hold(forced);
}

void LayerWindow::hold(const chain::ForcedTransaction& forced) {
    entries_.push_back({forced, weight_of(forced.transaction)});
    held_ += entries_.back().bytes;
}

const chain::DaHeader* LayerWindow::header(std::uint64_t height) const {
    if (height < headers_.front().height || height > newest()) return nullptr;
    return &headers_[height - headers_.front().height];
}

std::vector<chain::ForcedTransaction> LayerWindow::due(std::uint64_t from, std::uint64_t up_to) const {
    const auto height = [](const Entry& entry) { return entry.forced.due; };
    std::vector<chain::ForcedTransaction> out;
    for (auto entry = std::ranges::lower_bound(entries_, from, {}, height);
         entry != entries_.end() && entry->forced.due <= up_to; ++entry)
        out.push_back(entry->forced);
    return out;
}

void LayerWindow::forget_below(std::uint64_t height) {
    while (headers_.size() > 1 && headers_.front().height < height)
        headers_.pop_front();
    while (!entries_.empty() && entries_.front().forced.due < height) {
        held_ -= entries_.front().bytes;
        entries_.pop_front();
    }
}

}  // namespace valence::derive
