// LayerRecord: what a node that reads its layer knows of it, shared by whoever reads (Deriver), builds blocks
// and checks them as they come.
#pragma once

#include <mutex>

#include "valence/chain/system/da_headers.hpp"
#include "valence/derive/layer_window.hpp"

namespace valence::node {

/// Thread-safe. Holds the heights from the last block derived on.
class LayerRecord final : public chain::DaHeaders {
public:
    /// How far behind the newest header known blocks stay that are built here: another's node of the layer
    /// may be a little behind this one's.
    static constexpr std::uint64_t kBehind = 1;

    /// The rules name a layer.
    explicit LayerRecord(const chain::RuleSet& rules) : layer_(rules.system->layer.value()), window_(rules) {}

    /// The next height, and what will be due because of it (derive::Derivation::take).
    void take(const chain::DaHeader& header, std::span<const chain::ForcedTransaction> forced);
    /// Goes on from what somebody read before who went on from a checkpoint.
    void resume(const derive::LayerWindow& window);
    void forget_below(std::uint64_t height);
    std::uint64_t newest() const;

    /// Errors: da_header_unknown as long as the layer was not read as far as the parent's reference.
    Result<chain::DaHeader> next(const chain::DaHeader& before, std::uint64_t timestamp,
                                 std::uint64_t most) const override;
    /// A header that is not known yet is not refused: that shows when the block is derived.
    Result<void> check(const chain::DaHeader& header, const chain::DaHeader& before,
                       std::uint64_t timestamp) const override;
    std::optional<std::vector<chain::ForcedTransaction>> due(std::uint64_t from,
                                                             std::uint64_t up_to) const override;

private:
    const chain::LayerRules layer_;
    mutable std::mutex mutex_;  // guards window_
    derive::LayerWindow window_;
};

}  // namespace valence::node
