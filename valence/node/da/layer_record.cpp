#include "valence/node/da/layer_record.hpp"

#include "valence/base/hex.hpp"

namespace valence::node {

void LayerRecord::take(const chain::DaHeader& header, std::span<const chain::ForcedTransaction> forced) {
    const std::lock_guard guard(mutex_);
    if (header.height > window_.newest()) window_.follow(header, forced);
}

void LayerRecord::resume(const derive::LayerWindow& window) {
    const std::lock_guard guard(mutex_);
    if (window.newest() > window_.newest()) window_ = window;
}

void LayerRecord::forget_below(std::uint64_t height) {
    const std::lock_guard guard(mutex_);
    window_.forget_below(height);
}

std::uint64_t LayerRecord::newest() const {
    const std::lock_guard guard(mutex_);
    return window_.newest();
}

Result<chain::DaHeader> LayerRecord::next(const chain::DaHeader& before, std::uint64_t,
                                          std::uint64_t most) const {
    const std::lock_guard guard(mutex_);
    const auto newest = window_.newest();
    if (newest < before.height)
        return Error{chain::ChainError::da_header_unknown, "read up to " + std::to_string(newest) +
                                                               ", the parent refers to " +
                                                               std::to_string(before.height)};
    const auto height = std::max(before.height, std::min(most, newest - kBehind));
    if (height == before.height) return before;
    return *window_.header(height);
}

Result<void> LayerRecord::check(const chain::DaHeader& header, const chain::DaHeader& before,
                                std::uint64_t timestamp) const {
    BOOST_OUTCOME_TRYV(chain::check_reference(layer_, header, before, timestamp));
    const std::lock_guard guard(mutex_);
    const auto* known = window_.header(header.height);
    if (known != nullptr && *known != header)
        return Error{chain::ChainError::da_header_wrong,
                     "the layer's block " + std::to_string(header.height) + " is " +
                         base::to_hex_prefixed(known->hash) + ", not " + base::to_hex_prefixed(header.hash)};
    return success();
}

std::optional<std::vector<chain::ForcedTransaction>> LayerRecord::due(std::uint64_t from,
                                                                      std::uint64_t up_to) const {
    const std::lock_guard guard(mutex_);
    if (window_.header(from) == nullptr || window_.newest() < up_to) return std::nullopt;
    return window_.due(from, up_to);
}

}  // namespace valence::node
