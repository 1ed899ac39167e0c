// ExtendedHeader: a block's header with the roots of its square's rows and columns, as celestia-node serves
// it.
//
// The header is CometBFT's: its hash is the Merkle root (tree/merkle_tree.hpp) over its fourteen fields, each
// as protobuf encodes it alone. Source: cometbft, spec/core/data_structures.md, "Header" and types/block.go.
#pragma once

#include <string>

#include "valence/da/extended/roots.hpp"

namespace valence::da {

/// A block's id: its header's hash, and how its bytes were cut for gossip.
struct BlockId {
    Hash hash;
    std::uint32_t part_count = 0;
    Hash part_hash;

    bool operator==(const BlockId&) const = default;
};

/// Nanoseconds since the epoch.
using LayerTime = std::chrono::sys_time<std::chrono::nanoseconds>;

struct ExtendedHeader {
    std::uint64_t block_version = 11;
    std::uint64_t app_version = 0;
    std::string chain_id;
    std::uint64_t height = 0;
    LayerTime time;
    /// All zero in the first block.
    BlockId last_block;
    Hash last_commit_hash;
    Hash data_hash;
    Hash validators_hash;
    Hash next_validators_hash;
    Hash consensus_hash;
    Hash app_hash;
    Hash last_results_hash;
    Hash evidence_hash;
    Address proposer;
    /// Of the square that data_hash commits to.
    SquareRoots roots;

    Hash hash() const;
    std::uint64_t seconds() const {
        return static_cast<std::uint64_t>(
            std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
    }
    bool operator==(const ExtendedHeader&) const = default;
};

/// Whether the data hash is that of the roots, which are as many as a square has. Errors: bad_size,
/// bad_proof.
Result<void> check_header(const ExtendedHeader& header);

}  // namespace valence::da
