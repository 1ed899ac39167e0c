// From the names callers use (numbers, tags, hashes) to blocks and states.
#pragma once

#include <memory>

#include "valence/node/node.hpp"
#include "valence/rpc/error.hpp"
#include "valence/rpc/parameters/block_id.hpp"

namespace valence::rpc {

/// Whether a block is part of the chain, or the one that would be built now.
enum class Sealing : std::uint8_t { sealed, pending };

struct FoundBlock {
    /// Null when there is no such block.
    sequencer::SharedBlock block;
    Sealing sealing = Sealing::sealed;

    explicit operator bool() const { return block != nullptr; }
};

/// The block, or none; an error only for a hash that is not canonical where the caller requires it.
Answer<FoundBlock> find_block(const node::Node& node, const BlockId& id);

/// As find_block; "header not found" when there is none.
Answer<FoundBlock> require_block(const node::Node& node, const BlockId& id);

struct FoundState {
    sequencer::SharedBlock block;
    Sealing sealing = Sealing::sealed;
    /// After the block.
    std::shared_ptr<const state::StateReader> state;
};

/// The block and the state after it; an error when either is not to be had.
Answer<FoundState> find_state(const node::Node& node, const BlockId& id);

/// The number a tag or number stands for; "pending" is the one after the head. Nothing for hashes.
std::optional<std::uint64_t> block_number_of(const node::Node& node, const BlockId& id);

}  // namespace valence::rpc
