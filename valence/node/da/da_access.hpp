// DaAccess: what a node that posts to or derives from data availability tells of it: how far it is, where a
// block is, and the proofs that it is there.
#pragma once

#include <functional>
#include <string>

#include "valence/da/layer/layer.hpp"
#include "valence/node/da/batch_poster.hpp"
#include "valence/node/da/deriver.hpp"

namespace valence::node {

/// A blob of the layer with a piece of a block's batch.
struct PiecePlace {
    std::uint64_t height = 0;
    /// Of the layer's block, and the data root that proofs lead to.
    Hash layer_hash;
    Hash data_root;
    Hash commitment;
    /// Of the piece in its batch.
    std::uint16_t index = 0;
};

/// Where a block is: in a batch, whose pieces are these.
struct BlockLocation {
    BatchPlace batch;
    std::vector<PiecePlace> pieces;
};

/// Thread-safe.
class DaAccess {
public:
    using Status = std::variant<PostStatus, DeriverStatus>;
    /// `layer_name` is what users call it: its URL. `status` is asked by any thread.
    DaAccess(Node& node, da::Layer& layer, std::string layer_name, std::function<Status()> status);

    const std::string& layer_name() const { return layer_name_; }
    const da::Namespace& name() const { return name_; }
    Status status() const { return status_(); }

    /// Nothing when the block is not in the layer, as far as this node knows. Errors: those of the layer;
    /// LayerError::not_found when pieces are not where they were.
    Result<std::optional<BlockLocation>> locate(std::uint64_t number) const;
    /// That the layer's block holds the piece; verified. Errors: those of the layer; malformed when it does
    /// not hold.
    Result<da::CommitmentProof> prove(const PiecePlace& place) const;

private:
    Node& node_;
    da::Layer& layer_;
    const std::string layer_name_;
    const std::function<Status()> status_;
    const Hash genesis_hash_;
    const da::Namespace name_;
    /// Of the sequencer.
    const std::optional<crypto::bls::Verifier> sequencer_;
};

}  // namespace valence::node
