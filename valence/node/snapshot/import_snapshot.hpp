// import_snapshot: makes a folder from which a node starts with the block and the state of a snapshot.
#pragma once

#include <filesystem>
#include <optional>

#include "valence/chain/genesis.hpp"
#include "valence/node/snapshot/snapshot_format.hpp"

namespace valence::node {

/// The start of a file. Errors: io, unknown_format, malformed.
Result<SnapshotInfo> read_snapshot_info(const std::filesystem::path& file);

/// Takes nothing on trust but that the chain has a block of this hash: the block must be what its header
/// commits to, its beacon signed, the headers before it linked to it, and the state, whose tries are made
/// anew, the one it names. Memory is bounded by a frame and what a commit takes. A folder where it failed is
/// as before; one that has a chain already is left alone: folder_in_use, or other_block if that chain is not
/// the trusted block's. Errors: SnapshotError; those of opening the folder.
Result<SnapshotInfo> import_snapshot(const chain::Genesis& genesis, const std::filesystem::path& folder,
                                     const std::filesystem::path& file, const Hash& trusted_hash);

}  // namespace valence::node
