// Deriver: brings a node's chain to what the data-availability layer says, and nothing else. It trusts
// nothing that it reads: every block is verified and executed, and the first valid one for its number is the
// chain's.
#pragma once

#include "valence/da/layer/layer.hpp"
#include "valence/derive/derivation.hpp"
#include "valence/node/node.hpp"

namespace valence::node {

struct DeriverStatus {
    /// All blocks of the layer up to this height are read.
    std::uint64_t height = 0;
    /// The last block derived, and where it was found.
    std::uint64_t derived = 0;
    derive::Place place;
    /// A model whose file is wanted for the next block.
    std::optional<Error> waits_for;
};

/// For one thread at a time.
class Deriver {
public:
    /// Told of each block that was derived.
    using Told = std::function<void(const sequencer::StoredBlock&, const derive::Place&)>;

    /// From the first height on; blocks that the node has are compared. Both outlive the deriver. Error:
    /// NodeError::no_beacon_key for a chain whose genesis names no key, since nobody can sign its batches.
    static Result<std::unique_ptr<Deriver>> create(Node& node, da::Layer& layer, Told told = {});

    /// Reads the layer's next block and derives what follows from it, waiting so long for it; false when it
    /// did not come. Errors: why the layer cannot be read, or the node cannot store a block.
    Result<bool> step(std::chrono::milliseconds patience);

    DeriverStatus status() const { return status_; }
    const derive::Derivation& derivation() const { return derivation_; }
    std::vector<derive::Finding> take_findings() { return derivation_.take_findings(); }

private:
    Deriver(Node& node, da::Layer& layer, derive::DerivationOptions options, da::Namespace name, Told told);
    Result<void> take_models();
    Result<void> derive_blocks();

    Node& node_;
    da::Layer& layer_;
    const da::Namespace name_;
    const Told told_;
    derive::Derivation derivation_;
    DeriverStatus status_;
};

}  // namespace valence::node
