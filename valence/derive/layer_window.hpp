// LayerWindow: what the rules ask of the layer's recent blocks: their headers, and which forced transactions
// become due with which of them. A function of the layer's content and the chain so far: whoever reads them
// from the chain's start comes to the same.
//
// A forced transaction posted at height h becomes due with height h + forcedDelay. Of those posted with one
// height there may be more than have room: kMostHeld bytes for as many heights as a block's reference may lag
// behind, and kMostBurst at once. Which of them it is, is drawn by the hash of that height's header, which
// nobody knows when he posts: whoever posts more than the others, or pays to be the first in the layer's
// block, has no more of the room than his share of the bytes. Those drawn have their turn in the layer's
// order.
//
// What somebody only says that he would use, and cannot pay, takes room as bytes of the layer, never as gas.
// A block owes what is due with its parent's reference up to its own, both included: what the parent left
// over or skipped has its turn again, and what is in the chain already is skipped.
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
    /// Bytes of forced transactions that are held, each with kOverhead.
    static constexpr std::uint64_t kMostHeld = std::uint64_t{64} << 20;
    /// Bytes that may be drawn with one height when less was posted before. The last one drawn may exceed it.
    static constexpr std::uint64_t kMostBurst = std::uint64_t{256} << 10;
    /// What a blob counts besides its bytes: about what its transaction takes in memory.
    static constexpr std::uint64_t kOverhead = 512;

    /// From the chain's start; the rules name a layer.
    explicit LayerWindow(const chain::RuleSet& rules);

    /// The next height, and the data of its blobs among the forced ones, in their order. Answers which of
    /// them are transactions that will be due.
    std::vector<chain::ForcedTransaction> take(const chain::DaHeader& header,
                                               std::span<const BytesView> forced);
    /// The next height, of which another window took these.
    void follow(const chain::DaHeader& header, std::span<const chain::ForcedTransaction> taken);

    std::uint64_t newest() const { return headers_.back().height; }
    /// Null for heights that are forgotten or yet to come.
    const chain::DaHeader* header(std::uint64_t height) const;

    /// What is due with one height up to another, both included and known, in order.
    std::vector<chain::ForcedTransaction> due(std::uint64_t from, std::uint64_t up_to) const;

    /// Nobody will ask about heights below this one.
    void forget_below(std::uint64_t height);

    /// Bytes that become free with each height.
    std::uint64_t room_of_a_height() const;
    std::uint64_t held() const { return held_; }

    /// All of it, to go on from later (checkpoint.hpp).
    void write(codec::RlpWriter& to) const;
    /// In place of what is here. Errors: those of the codecs; DeriveError::bad_checkpoint.
    Result<void> read(codec::RlpReader from);

private:
    struct Entry {
        chain::ForcedTransaction forced;
        /// Of its blob.
        std::uint64_t bytes = 0;
    };
    const chain::LayerRules& layer() const { return *rules_.system->layer; }
    /// The places of those blobs that have room, rising.
    std::vector<std::size_t> draw(const Hash& seed, std::span<const BytesView> forced);
    void hold(const chain::ForcedTransaction& forced);

    chain::RuleSet rules_;
    /// Of consecutive heights.
    std::deque<chain::DaHeader> headers_;
    /// By when they are due.
    std::deque<Entry> entries_;
    /// Of them all.
    std::uint64_t held_ = 0;
    /// Bytes that were drawn and for which no height has made room yet.
    std::uint64_t taken_ = 0;
};

}  // namespace valence::derive
