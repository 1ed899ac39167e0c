// export_snapshot: writes a block and the state after it into a file (snapshot_format.hpp).
#pragma once

#include <filesystem>
#include <optional>

#include "valence/node/snapshot/snapshot_format.hpp"

namespace valence::node {

struct ExportedSnapshot {
    std::uint64_t number = 0;
    Hash hash;
    std::uint64_t accounts = 0;
    std::uint64_t slots = 0;
    std::uint64_t bytes = 0;
};

/// Of the chain in a node's folder, which no process has open; of the head, or of a block as far back as
/// states are walked (state::StateOptions::proof_depth). The file is there once it is whole. Errors: io,
/// nothing_to_export; those of opening the folder.
Result<ExportedSnapshot> export_snapshot(const std::filesystem::path& folder,
                                         const std::filesystem::path& file,
                                         std::optional<std::uint64_t> number = std::nullopt);

}  // namespace valence::node
