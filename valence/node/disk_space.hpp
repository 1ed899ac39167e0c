// Room on the disk, looked at before something is written: the database ends the program when a write fails
// half-way, while a block that is not begun can wait.
#pragma once

#include <cstdint>
#include <filesystem>

#include "valence/base/base.hpp"

namespace valence::node {

/// For the write-ahead log and for tables that are written in the background: bytes.
inline constexpr std::uint64_t kLeastDiskSpace = std::uint64_t{128} << 20;

/// Error: std::errc::no_space_on_device, when fewer bytes are left where the folder is. Where that cannot be
/// told there is room.
Result<void> require_disk_space(const std::filesystem::path& folder, std::uint64_t least = kLeastDiskSpace);

}  // namespace valence::node
