// Deriver: brings a node's chain to what the data-availability layer says. It trusts nothing that it reads:
// every block is verified and executed, and the first valid one for its number is the chain's, whatever the
// node took for its chain before. Blocks that it has already, from a feed or because it built them, need no
// second execution.
#pragma once

#include "valence/da/layer/layer.hpp"
#include "valence/derive/derivation.hpp"
#include "valence/node/da/layer_record.hpp"
#include "valence/node/da/posted_models.hpp"
#include "valence/node/node.hpp"

namespace valence::node {

struct DeriverStatus {
    /// All blocks of the layer up to this height are read.
    std::uint64_t height = 0;
    /// The last block derived, and where it was found.
    std::uint64_t derived = 0;
    derive::Place place;
    /// How many of them are fallback blocks.
    std::uint64_t fallbacks = 0;
    /// A model whose file is wanted for the next block.
    std::optional<Error> waits_for;
};

/// Told of each block that was derived.
using DerivedTold = std::function<void(const sequencer::StoredBlock&, const derive::Place&)>;

struct DeriverOptions {
    DerivedTold told;
    /// The node's (NodeConfig::layer), which learns what is read; null where it has none.
    std::shared_ptr<LayerRecord> record;
    /// Whether the node's blocks become the chain's by being posted: then forced transactions go to its pool,
    /// and what the layer refused of its own blocks leaves its chain.
    enum class Role : std::uint8_t { reads, sequences } role = Role::reads;
    /// Heights after which a checkpoint is written: as much is read again after a crash.
    std::uint64_t checkpoint_every = 64;
};

/// For one thread at a time.
class Deriver {
public:
    using Told = DerivedTold;

    /// From the node's checkpoint on, where its last block is on the chain and its last height is the
    /// layer's; else from the chain's start. Both outlive the deriver. Errors: NodeError::no_beacon_key for a
    /// chain whose genesis names no key, since nobody can sign its batches; other_layer when the genesis
    /// names another; why the layer cannot be read.
    static Result<std::unique_ptr<Deriver>> create(Node& node, da::Layer& layer, DeriverOptions options);
    static Result<std::unique_ptr<Deriver>> create(Node& node, da::Layer& layer, Told told = {}) {
        return create(node, layer, DeriverOptions{std::move(told), nullptr, DeriverOptions::Role::reads});
    }

    /// Reads the layer's next block and derives what follows from it, waiting so long for it; false when it
    /// did not come. While a model's file is missing for what was read before, only files are read. Errors:
    /// why the layer cannot be read, or the node cannot store a block.
    Result<bool> step(std::chrono::milliseconds patience);

    /// Writes down where it is; nothing while something is under way. Error: StateError::io.
    Result<void> save();

    DeriverStatus status() const { return status_; }
    const derive::Derivation& derivation() const { return derivation_; }
    std::vector<derive::Finding> take_findings() { return derivation_.take_findings(); }

private:
    Deriver(Node& node, da::Layer& layer, derive::DerivationOptions options, DeriverOptions own);
    /// Error: why the layer cannot be read.
    Result<void> resume();
    Result<void> read(const da::ExtendedHeader& header);
    /// Looks for the file that is waited for where it may be yet: nothing else is taken from there.
    Result<bool> look_ahead(std::chrono::milliseconds patience);
    Result<void> take_models();
    /// Whether a derived block may use this model: its file is in the layer, or the genesis opens it, whose
    /// author then sees to it that everybody has it.
    bool may_use(const ml::ModelId& id) const;
    /// What the node says of a block, with what is in the layer; a file of a model that it lost since it was
    /// posted is read again.
    template <typename Adopt>
    auto adopt(const Adopt& adopt) -> decltype(adopt());
    /// Whether the file is in the node's store now. Errors: why the layer cannot be read.
    Result<bool> read_again(const ml::ModelId& id);
    Result<void> derive_blocks();
    /// Whether there was one; it waits for a model's file where status_.waits_for says so.
    Result<bool> derive_candidate();
    Result<bool> derive_fallback();
    /// Goes back where the layer refused what this node built.
    Result<void> leave_refused();
    /// Whether this node derived this block of its chain with this height once: it need not be tried again,
    /// and may not, where the state before it is not kept any more.
    bool was_derived(std::uint64_t number, const DerivedBlock& block) const;
    Result<void> derived(std::uint64_t number, const Hash& hash, const derive::Place& place,
                         DerivedBlock::Kind kind);

    Node& node_;
    da::Layer& layer_;
    const DeriverOptions own_;
    const bool has_rules_;
    const da::Namespace batches_;
    const da::Namespace forced_;
    derive::Derivation derivation_;
    PostedModels models_;
    DeriverStatus status_;
    /// Not all that was read is derived.
    bool is_pending_ = false;
    /// Up to this height files were looked for.
    std::uint64_t ahead_ = 0;
    /// Of the last checkpoint.
    std::uint64_t saved_ = 0;
};

}  // namespace valence::node
