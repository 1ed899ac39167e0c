// LayerWindow: what the rules ask of the layer's recent blocks: their headers, and which forced transactions
// become due with which of them. A function of the layer's content alone: whoever reads it from the chain's
// start comes to the same.
//
// A forced transaction posted at height h becomes due with height h + forcedDelay, or the first later one
// that has room (kMostCount, kMostBytes) behind those posted before it. Gas has no part in that: what
// somebody only says that he would use, and cannot pay, takes no room from others. A block owes what is due
// with its parent's reference up to its own, both included: what the parent left over or skipped has its turn
// again, and what is in the chain already is skipped.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "valence/codec/rlp.hpp"
#include "valence/derive/forced_blob.hpp"

namespace valence::derive {

class LayerWindow {
public:
    /// Transactions that become due with one height, and their bytes: what is held of each height.
    static constexpr std::size_t kMostCount = 512;
    static constexpr std::size_t kMostBytes = std::size_t{256} << 10;
    /// How much later than asked for one may become due where many are posted; beyond that they are dropped.
    static constexpr std::uint64_t kMostDelay = 600;

    /// From the chain's start; the rules name a layer.
    explicit LayerWindow(const chain::RuleSet& rules);

    /// The next height, and the data of its blobs among the forced ones, in their order. Answers which of
    /// them are transactions that will be due.
    std::vector<chain::ForcedTransaction> take(const chain::DaHeader& header,
                                               std::span<const BytesView> forced);

    std::uint64_t newest() const { return headers_.back().height; }
    /// Null for heights that are forgotten or yet to come.
    const chain::DaHeader* header(std::uint64_t height) const;

    /// What is due with one height up to another, both included and known, in order.
    std::vector<chain::ForcedTransaction> due(std::uint64_t from, std::uint64_t up_to) const;

    /// Nobody will ask about heights below this one.
    void forget_below(std::uint64_t height);

    /// All of it, to go on from later (checkpoint.hpp).
    void write(codec::RlpWriter& to) const;
    /// In place of what is here. Errors: those of the codecs; DeriveError::bad_checkpoint.
    Result<void> read(codec::RlpReader from);

private:
    const chain::LayerRules& layer() const { return *rules_.system->layer; }

    chain::RuleSet rules_;
    /// Of consecutive heights.
    std::deque<chain::DaHeader> headers_;
    /// By when they are due.
    std::deque<chain::ForcedTransaction> entries_;
    /// The latest height that something is due with, and what of its room is taken.
    std::uint64_t last_due_ = 0;
    std::size_t last_count_ = 0;
    std::size_t last_bytes_ = 0;
};

}  // namespace valence::derive
