// Audit: what verifying a whole chain from data availability alone comes to.
#pragma once

#include <map>

#include "valence/node/da/deriver.hpp"
#include "valence/outcome/mode.hpp"

namespace valence::node {

struct AuditOptions {
    /// The first block that is counted; those before are verified too, since its state follows from them.
    std::uint64_t from = 1;
    /// Told after each block of the layer: its height and the newest one.
    std::function<void(std::uint64_t, std::uint64_t)> progress;
};

struct AuditReport {
    /// Of the layer, read.
    std::uint64_t heights = 0;
    /// Derived and executed, counted from AuditOptions::from on.
    std::uint64_t blocks = 0;
    std::uint64_t transactions = 0;
    std::map<outcome::Mode, std::uint64_t> outcomes;
    /// Of outcomes that are there: each was verified, or its block would not have been derived.
    std::uint64_t evidence = 0;
    /// Of the namespace's blobs.
    std::uint64_t bytes = 0;
    std::uint64_t batches = 0;
    std::uint64_t head = 0;
    Hash head_hash;
    Hash state_root;
    /// Those that everybody made since none had come in time, and those that came too late.
    std::uint64_t fallback_blocks = 0;
    std::uint64_t late_blocks = 0;
    /// What strangers wrote; says nothing of the sequencer.
    std::uint64_t foreign_blobs = 0;
    /// What the sequencer did wrong or left out, or the layer keeps back, each with its place.
    std::vector<derive::Finding> discrepancies;
    /// Blocks of the layer of which something was kept back, that were repaired from the rest.
    std::vector<std::uint64_t> repaired;

    /// Whether anything of this chain is in the layer.
    bool has_found_chain() const { return batches > 0 || !discrepancies.empty(); }
    bool is_verified() const { return discrepancies.empty() && batches > 0; }
};

/// Derives the chain of a new node, of which only the genesis is known, from all of the layer that there is
/// now. Blocks of the layer that do not come whole are repaired where that can be; where it cannot, the audit
/// ends there with a discrepancy. Errors: those of Deriver; LayerError::unreachable.
Result<AuditReport> audit(Node& node, da::Layer& layer, const AuditOptions& options);

}  // namespace valence::node
