// DaHeaders: the seam through which sequencer and full nodes learn which header of the data-availability
// layer a block may refer to, and what it owes because of that.
//
//     LocalDaHeaders    of a layer that is not there: chains that name none
//     UnseenDaHeaders   of a layer that this node cannot ask: the rules that need nothing else
//     node/da/layer_record.hpp   of a layer that this node reads
#pragma once

#include "valence/chain/system/forced_transaction.hpp"
#include "valence/chain/system/layer_rules.hpp"

namespace valence::chain {

/// Thread-safe; nothing waits.
class DaHeaders {
public:
    virtual ~DaHeaders() = default;
    /// The one that a block with this timestamp (seconds since the epoch) refers to when it is built now, on
    /// a parent that refers to `before`, and is not to refer beyond the height `most`. Error:
    /// ChainError::da_header_unknown.
    virtual Result<DaHeader> next(const DaHeader& before, std::uint64_t timestamp,
                                  std::uint64_t most) const = 0;
    /// Whether a block with this timestamp may refer to it, as far as this node can know now. Error:
    /// ChainError::da_header_wrong.
    virtual Result<void> check(const DaHeader& header, const DaHeader& before,
                               std::uint64_t timestamp) const = 0;
    /// The forced transactions that are due with one height up to another, both included, in their order;
    /// nothing where this node does not know.
    virtual std::optional<std::vector<ForcedTransaction>> due(std::uint64_t from,
                                                              std::uint64_t up_to) const = 0;
};

/// What every node can check of a block's reference: it does not fall, and the block's time is not more than
/// the drift ahead of it. Error: da_header_wrong.
Result<void> check_reference(const LayerRules& rules, const DaHeader& header, const DaHeader& before,
                             std::uint64_t timestamp);

/// One every six seconds since genesis, whose hash is keccak256("valence local da header" ‖ genesis hash ‖
/// height as 8 bytes, big endian). They follow from the block alone, so that a full node checks them by rule.
class LocalDaHeaders final : public DaHeaders {
public:
    static constexpr std::uint64_t kInterval = 6;

    LocalDaHeaders(const Hash& genesis_hash, std::uint64_t genesis_time)
        : genesis_hash_(genesis_hash), genesis_time_(genesis_time) {}

    /// At this time. Heights do not fall while timestamps do not.
    DaHeader newest(std::uint64_t timestamp) const;

    Result<DaHeader> next(const DaHeader&, std::uint64_t timestamp, std::uint64_t) const override {
        return newest(timestamp);
    }
    Result<void> check(const DaHeader& header, const DaHeader& before,
                       std::uint64_t timestamp) const override;
    std::optional<std::vector<ForcedTransaction>> due(std::uint64_t, std::uint64_t) const override {
        return std::vector<ForcedTransaction>{};
    }

private:
    Hash genesis_hash_;
    std::uint64_t genesis_time_;
};

class UnseenDaHeaders final : public DaHeaders {
public:
    explicit UnseenDaHeaders(LayerRules rules) : rules_(std::move(rules)) {}

    Result<DaHeader> next(const DaHeader& before, std::uint64_t timestamp, std::uint64_t most) const override;
    Result<void> check(const DaHeader& header, const DaHeader& before,
                       std::uint64_t timestamp) const override {
        return check_reference(rules_, header, before, timestamp);
    }
    std::optional<std::vector<ForcedTransaction>> due(std::uint64_t, std::uint64_t) const override {
        return std::nullopt;
    }

private:
    LayerRules rules_;
};

}  // namespace valence::chain
