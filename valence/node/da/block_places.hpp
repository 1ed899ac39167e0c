// BlockPlaces: where in the data-availability layer the blocks of this node's chain are, by their number, and
// which of them were derived from it.
#pragma once

#include "valence/sequencer/block_store.hpp"

namespace valence::node {

/// A batch in the layer, and which blocks it holds.
struct BatchPlace {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    /// Of the last block: those of another chain are not looked at.
    Hash last_hash;
    /// keccak256 of the batch.
    Hash batch;
    /// The block of the layer with its last piece; those before may be in earlier ones.
    std::uint64_t height = 0;

    bool operator==(const BatchPlace&) const = default;
};

/// A block that was derived: with which height of the layer, and whether it was posted or everybody's.
struct DerivedBlock {
    enum class Kind : std::uint8_t { posted, fallback };
    Hash hash;
    std::uint64_t height = 0;
    Kind kind = Kind::posted;

    bool operator==(const DerivedBlock&) const = default;
};

/// Tables of the chain's store: `d`, number of the last block → place; `e`, number → derived block; `c`,
/// alone: the checkpoint. Thread-safe.
class BlockPlaces {
public:
    explicit BlockPlaces(state::KeyValueStore& store) : store_(store) {}

    /// Errors: StateError::io.
    Result<void> put(const BatchPlace& place);
    /// The batch with the block of this number; nothing when none is known.
    std::optional<BatchPlace> find(std::uint64_t number) const;

    /// Errors: StateError::io.
    Result<void> put_derived(std::uint64_t number, const DerivedBlock& derived);
    std::optional<DerivedBlock> derived(std::uint64_t number) const;

    /// Where the derivation was (derive::Derivation::checkpoint). In the chain's store, so that of what was
    /// written before it nothing is lost that it relies on. Errors: StateError::io.
    Result<void> put_checkpoint(Bytes checkpoint);
    std::optional<Bytes> checkpoint() const;

private:
    state::KeyValueStore& store_;
};

}  // namespace valence::node
