// StoreOptions: what a model store is told when it is opened.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

namespace valence::compute {

/// Tells the time; tests turn it.
using Now = std::function<std::chrono::steady_clock::time_point()>;

struct UploadLimits {
    /// Unfinished uploads at once, and the bytes that they will have.
    std::size_t count = 64;
    std::uint64_t bytes = std::uint64_t{64} << 30;
    /// The same of one uploader.
    std::size_t count_each = 16;
    std::uint64_t bytes_each = std::uint64_t{32} << 30;
    /// Without a chunk for so long, an upload may be dropped for another.
    std::chrono::seconds idle{60};
    /// Without a chunk for so long, it is dropped.
    std::chrono::seconds life{24 * 3600};
};

struct StoreOptions {
    /// Where models and uploads are kept; without one, in nameless files of the system's temporary folder.
    std::optional<std::filesystem::path> folder;
    /// Of all models on the disk.
    std::uint64_t disk_bytes = std::uint64_t{64} << 30;
    /// Of models kept in memory.
    std::uint64_t memory_bytes = std::uint64_t{4} << 30;
    /// For decoding files, all that are under way together; a model that needs more is too large.
    std::uint64_t decoding_bytes = std::uint64_t{8} << 30;
    UploadLimits uploads;
    /// The steady clock when empty.
    Now now;
};

}  // namespace valence::compute
